DROP TABLE capacity_plan;
