-- A wallet that keeps its books differently: yuan with decimals, numbers for states, Beijing time
-- without a zone. Nothing here is the bot's; views.sql shows how to read it.
CREATE SCHEMA qianbao;
SET search_path = qianbao;

CREATE TABLE t_user (
    uid varchar(32) PRIMARY KEY,
    nick varchar(60) NOT NULL,
    lang smallint NOT NULL,                 -- 1 中文, 2 English
    app_ver varchar(20),
    risk_level smallint NOT NULL DEFAULT 0, -- 风控等级: stays in here
    reg_time timestamp NOT NULL
);
CREATE TABLE t_account (
    acct_id varchar(32) PRIMARY KEY,
    uid varchar(32) NOT NULL REFERENCES t_user,
    ccy char(3) NOT NULL,
    balance numeric(18, 2) NOT NULL,        -- 可用余额, what can be spent
    frozen numeric(18, 2) NOT NULL          -- 冻结金额
);
CREATE TABLE t_bind (
    bind_id varchar(32) PRIMARY KEY,
    uid varchar(32) NOT NULL REFERENCES t_user,
    pay_type smallint NOT NULL,             -- 0 余额, 1 银行卡, 2 信用付
    bank_name varchar(60),
    card_mask varchar(24),                  -- 6222****1234
    unbind_time timestamp
);
CREATE TABLE t_shop (
    shop_id varchar(32) PRIMARY KEY,
    shop_name varchar(60) NOT NULL,
    shop_name_en varchar(60),
    chan smallint NOT NULL,                 -- 1 银联, 2 微信, 3 支付宝
    state smallint NOT NULL                 -- 1 正常, 2 配置异常, 3 停用
);
CREATE TABLE orders (
    order_id varchar(32) PRIMARY KEY,
    uid varchar(32) NOT NULL REFERENCES t_user,
    shop_id varchar(32) NOT NULL REFERENCES t_shop,
    bind_id varchar(32) NOT NULL REFERENCES t_bind,
    acct_id varchar(32) REFERENCES t_account,
    out_trade_no varchar(64) NOT NULL,      -- 商户订单号
    order_amt numeric(18, 2) NOT NULL,
    ccy char(3) NOT NULL,
    state smallint NOT NULL,                -- 0 待支付, 1 支付中, 2 成功, 3 失败, 4 已关闭, 5 部分退款,
                                            -- 6 已退款, 7 已冲正, 8 冲正中, 9 结果未知, 10 预授权
    create_time timestamp NOT NULL,
    auth_time timestamp,
    pay_time timestamp,
    end_time timestamp
);
CREATE TABLE pay_flow (
    flow_id varchar(32) PRIMARY KEY,
    order_id varchar(32) NOT NULL REFERENCES orders,
    uid varchar(32) NOT NULL,
    shop_id varchar(32) NOT NULL,
    chan smallint NOT NULL,
    result smallint NOT NULL,               -- 0 处理中, 1 成功, 2 拒绝, 3 渠道超时
    resp_code varchar(64),
    begin_time timestamp(3) NOT NULL,
    finish_time timestamp(3)
);
CREATE TABLE refund_order (
    refund_id varchar(32) PRIMARY KEY,
    order_id varchar(32) NOT NULL REFERENCES orders,
    uid varchar(32) NOT NULL,
    bind_id varchar(32) NOT NULL,
    amt numeric(18, 2) NOT NULL,
    ccy char(3) NOT NULL,
    state smallint NOT NULL,                -- 0 已受理, 1 处理中, 2 成功, 3 失败
    apply_time timestamp NOT NULL,
    done_time timestamp
);
CREATE TABLE bill (
    bill_no varchar(32) PRIMARY KEY,
    seq bigint NOT NULL UNIQUE,
    trade_no varchar(32) NOT NULL,          -- 同一笔记账
    uid varchar(32) NOT NULL,
    subject smallint NOT NULL,              -- 1 用户, 2 用户冻结, 3 商户, 4 渠道, 5 手续费
    acct_id varchar(32) REFERENCES t_account,
    biz smallint NOT NULL,                  -- 1 支付, 2 冻结, 3 解冻, 4 结算, 5 冲正, 6 退款, 7 手续费, 8 充值, 9 提现
    flag smallint NOT NULL,                 -- 1 增, 2 减
    amt numeric(18, 2) NOT NULL,            -- always above zero
    after_amt numeric(18, 2),
    ccy char(3) NOT NULL,
    bill_time timestamp NOT NULL,
    order_id varchar(32),
    refund_id varchar(32),
    orig_bill_no varchar(32)
);
