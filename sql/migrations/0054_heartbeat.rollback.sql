DROP FUNCTION heartbeat();
