-- The bot's view of that wallet: the contract of docs/ledger.md in a schema of its own.
--
-- Three translations, each in one place: money (yuan → fen), time (Beijing → UTC) and words. They are
-- simple SQL functions, which PostgreSQL puts into the query itself, so that indexes can be used.
CREATE SCHEMA support;
SET search_path = support;

-- CNY, USD and EUR have two decimal places. A wallet with yen or dinar needs a CASE on the currency here.
CREATE FUNCTION fen(yuan numeric) RETURNS bigint IMMUTABLE LANGUAGE sql
    AS $$ SELECT round(yuan * 100)::bigint $$;
CREATE FUNCTION utc(beijing timestamp) RETURNS timestamptz IMMUTABLE LANGUAGE sql
    AS $$ SELECT beijing AT TIME ZONE 'Asia/Shanghai' $$;
CREATE FUNCTION channel(chan smallint) RETURNS text IMMUTABLE LANGUAGE sql
    AS $$ SELECT CASE chan WHEN 1 THEN 'unionpay' WHEN 2 THEN 'wechat_pay' WHEN 3 THEN 'alipay' END $$;

-- people -------------------------------------------------------------------------------------------------

CREATE VIEW customers AS SELECT
    uid AS id, nick AS name, CASE lang WHEN 2 THEN 'en' ELSE 'zh' END AS language,
    'Asia/Shanghai' AS timezone, 'CN' AS country, app_ver AS app_version
FROM qianbao.t_user;

CREATE VIEW wallet_accounts AS SELECT
    acct_id AS id, uid AS customer_id, ccy::text AS currency,
    fen(balance + frozen) AS total_minor, fen(frozen) AS frozen_minor -- their 余额 leaves frozen money out
FROM qianbao.t_account;

CREATE VIEW payment_methods AS SELECT
    bind_id AS id, uid AS customer_id,
    CASE pay_type WHEN 0 THEN 'balance' WHEN 1 THEN 'bank_card' WHEN 2 THEN 'credit_line' END AS kind,
    bank_name AS bank, right(card_mask, 4) AS last4, utc(unbind_time) AS closed_at
FROM qianbao.t_bind;

-- What this wallet does not have: views without rows.
CREATE VIEW restrictions AS SELECT
    NULL::text AS customer_id, NULL::text AS status, NULL::timestamptz AS effective_from,
    NULL::timestamptz AS lifted_at, NULL::boolean AS identity_check_offered WHERE false;
CREATE VIEW password_locks AS SELECT
    NULL::text AS id, NULL::text AS customer_id, NULL::timestamptz AS locked_at,
    NULL::timestamptz AS locked_until, NULL::integer AS wrong_tries WHERE false;
CREATE VIEW spending_limits AS SELECT
    NULL::text AS customer_id, NULL::text AS scope, NULL::bigint AS minor, NULL::text AS currency,
    NULL::timestamptz AS effective_from, NULL::timestamptz AS effective_until WHERE false;
CREATE VIEW international_settings AS SELECT
    NULL::text AS customer_id, NULL::boolean AS enabled, NULL::timestamptz AS changed_at,
    NULL::boolean AS enabled_before, NULL::jsonb AS countries, NULL::jsonb AS currencies,
    NULL::integer AS fee_basis_points WHERE false;

-- places -------------------------------------------------------------------------------------------------

CREATE VIEW merchants AS SELECT
    shop_id AS id, shop_name AS name_zh, coalesce(shop_name_en, shop_name) AS name_en,
    channel(chan) AS channel,
    CASE state WHEN 1 THEN 'live' WHEN 2 THEN 'misconfigured' ELSE 'suspended' END AS integration,
    'CN' AS country, jsonb_build_array('CNY') AS currencies, '[]'::jsonb AS countries,
    NULL::text AS special_rule_zh, NULL::text AS special_rule_en
FROM qianbao.t_shop;

CREATE VIEW incidents AS SELECT
    NULL::text AS id, NULL::text AS channel, NULL::timestamptz AS started_at, NULL::timestamptz AS ended_at,
    NULL::text AS title_zh, NULL::text AS title_en WHERE false;
CREATE VIEW app_releases AS SELECT
    NULL::text AS version, NULL::timestamptz AS released_at, NULL::timestamptz AS minimum_from,
    NULL::text AS known_bug_zh, NULL::text AS known_bug_en, NULL::text AS fixed_in WHERE false;
CREATE VIEW fx_quotes AS SELECT
    NULL::text AS id, NULL::text AS base, NULL::text AS currency, NULL::numeric AS rate,
    NULL::timestamptz AS quoted_at WHERE false;
CREATE VIEW fx_conversions AS SELECT
    NULL::text AS payment_id, NULL::text AS customer_id, NULL::text AS quote_id,
    NULL::bigint AS converted_minor, NULL::bigint AS fee_minor, NULL::bigint AS margin_minor,
    NULL::text AS currency WHERE false;

-- payments -----------------------------------------------------------------------------------------------

CREATE VIEW payments AS SELECT
    order_id AS id, uid AS customer_id, shop_id AS merchant_id, bind_id AS method_id,
    acct_id AS paying_account_id, out_trade_no AS order_no, order_id AS transaction_no, 'purchase' AS kind,
    CASE state
        WHEN 0 THEN 'created' WHEN 1 THEN 'processing' WHEN 2 THEN 'captured' WHEN 3 THEN 'failed'
        WHEN 4 THEN 'closed' WHEN 5 THEN 'partially_refunded' WHEN 6 THEN 'refunded' WHEN 7 THEN 'reversed'
        WHEN 8 THEN 'reversing' WHEN 9 THEN 'unknown' WHEN 10 THEN 'authorized'
    END AS status, -- a number that is not listed gives NULL, which the checker reports
    fen(order_amt) AS minor, ccy::text AS currency, 0::bigint AS fee_minor, 'CN' AS country,
    NULL::text AS idempotency_key, NULL::text AS link_key,
    utc(create_time) AS created_at, NULL::timestamptz AS expires_at, utc(auth_time) AS authorized_at,
    utc(pay_time) AS captured_at, utc(end_time) AS ended_at, NULL::timestamptz AS merchant_notified_at
FROM qianbao.orders;

CREATE VIEW attempts AS SELECT
    flow_id AS id, uid AS customer_id, order_id AS payment_id, shop_id AS merchant_id,
    utc(begin_time) AS started_at, utc(finish_time) AS finished_at,
    CASE result WHEN 0 THEN 'pending' WHEN 1 THEN 'approved' WHEN 2 THEN 'declined'
        WHEN 3 THEN 'no_response' END AS outcome,
    channel(chan) AS channel,
    CASE chan WHEN 1 THEN 'iso8583' WHEN 2 THEN 'wechat' WHEN 3 THEN 'alipay' END AS rail,
    resp_code AS code, flow_id AS server_request_id,
    CASE result WHEN 3 THEN 'channel_silent' ELSE 'ok' END AS network_outcome, 'shown' AS client_outcome,
    NULL::text AS app_version, false AS device_new, NULL::text AS country, 0 AS wrong_password_tries
FROM qianbao.pay_flow;

CREATE VIEW client_log AS SELECT
    NULL::text AS id, NULL::text AS customer_id, NULL::text AS merchant_id, NULL::text AS method_id,
    NULL::text AS order_no, NULL::bigint AS minor, NULL::text AS currency, NULL::text AS country,
    NULL::timestamptz AS started_at, NULL::text AS client_outcome, NULL::text AS app_version WHERE false;

CREATE VIEW refunds AS SELECT
    refund_id AS id, order_id AS payment_id, uid AS customer_id, bind_id AS destination_id,
    CASE state WHEN 0 THEN 'requested' WHEN 1 THEN 'processing' WHEN 2 THEN 'succeeded'
        WHEN 3 THEN 'failed' END AS status,
    fen(amt) AS minor, ccy::text AS currency, utc(apply_time) AS accepted_at, utc(done_time) AS completed_at,
    NULL::text AS reason_zh, NULL::text AS reason_en, NULL::text AS reference
FROM qianbao.refund_order;

CREATE VIEW postings AS SELECT
    bill_no AS id, seq AS sequence, uid AS customer_id, trade_no AS transaction_id,
    CASE subject WHEN 1 THEN 'customer' WHEN 2 THEN 'customer_hold' WHEN 3 THEN 'merchant'
        WHEN 4 THEN 'channel' WHEN 5 THEN 'fees' END AS account,
    acct_id AS wallet_account_id,
    CASE biz WHEN 1 THEN 'debit' WHEN 2 THEN 'hold' WHEN 3 THEN 'release' WHEN 4 THEN 'capture'
        WHEN 5 THEN 'reversal' WHEN 6 THEN 'refund' WHEN 7 THEN 'fee' WHEN 8 THEN 'top_up'
        WHEN 9 THEN 'withdrawal' END AS kind,
    CASE flag WHEN 1 THEN fen(amt) ELSE -fen(amt) END AS minor, ccy::text AS currency,
    utc(bill_time) AS posted_at, order_id AS payment_id, refund_id, orig_bill_no AS reverses,
    fen(after_amt) AS balance_after
FROM qianbao.bill;

-- indexes on their tables, for the bot's questions: times as the views compute them -------------------------

CREATE INDEX ON qianbao.t_account (uid);
CREATE INDEX ON qianbao.t_bind (uid);
CREATE INDEX ON qianbao.orders (uid, (create_time AT TIME ZONE 'Asia/Shanghai'), order_id);
CREATE INDEX ON qianbao.orders (uid, shop_id, (create_time AT TIME ZONE 'Asia/Shanghai'));
CREATE INDEX ON qianbao.orders (uid, out_trade_no, shop_id);
CREATE INDEX ON qianbao.pay_flow (uid, order_id);
CREATE INDEX ON qianbao.pay_flow (shop_id, (begin_time AT TIME ZONE 'Asia/Shanghai'));
CREATE INDEX ON qianbao.refund_order (uid, order_id);
CREATE INDEX ON qianbao.bill (uid, order_id);
CREATE INDEX ON qianbao.bill (uid, acct_id, (bill_time AT TIME ZONE 'Asia/Shanghai'), seq);
CREATE INDEX ON qianbao.bill (uid, (bill_time AT TIME ZONE 'Asia/Shanghai'));
CREATE INDEX ON qianbao.bill (orig_bill_no);
CREATE INDEX ON qianbao.bill (trade_no);
