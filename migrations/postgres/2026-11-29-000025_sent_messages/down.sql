DROP INDEX deliveries_send_key;
