-- The bot's account: it may read the views and nothing else. The views read the tables in their owner's
-- name, so that it needs no right on the tables. (Give it a password of your own.)
CREATE ROLE support_bot LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
GRANT USAGE ON SCHEMA support TO support_bot;
GRANT SELECT ON ALL TABLES IN SCHEMA support TO support_bot;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA support TO support_bot;
ALTER ROLE support_bot SET search_path = support;
ALTER ROLE support_bot SET default_transaction_read_only = on;
