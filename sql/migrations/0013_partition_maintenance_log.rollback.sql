DROP TABLE partition_maintenance_log;
