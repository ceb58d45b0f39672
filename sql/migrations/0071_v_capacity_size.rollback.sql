DROP VIEW v_capacity_size;
