-- A few rows to try it with, relative to now. 王芳 has 473.50 and tries to pay 888.00.
SET search_path = qianbao;
CREATE FUNCTION pg_temp.ago(how_long interval) RETURNS timestamp LANGUAGE sql
    AS $$ SELECT date_trunc('second', now() AT TIME ZONE 'Asia/Shanghai') - how_long $$;

INSERT INTO t_user VALUES
    ('u1001', '王芳', 1, '5.2.0', 3, pg_temp.ago('300 days')),
    ('u1002', 'Tom', 2, '5.2.0', 0, pg_temp.ago('200 days'));
INSERT INTO t_account VALUES ('a1001', 'u1001', 'CNY', 273.50, 200.00), ('a1002', 'u1002', 'CNY', 30.00, 0);
INSERT INTO t_bind VALUES
    ('b1001', 'u1001', 0, NULL, NULL, NULL),
    ('b1001c', 'u1001', 1, '工商银行', '6222****1234', NULL),
    ('b1002', 'u1002', 0, NULL, NULL, NULL);
INSERT INTO t_shop VALUES
    ('s1', '星巴克', 'Starbucks', 2, 1), ('s2', '京东', 'JD.com', 1, 1), ('s3', '如家酒店', NULL, 3, 1);
INSERT INTO orders VALUES
    ('o1', 'u1001', 's1', 'b1001', 'a1001', 'SB-1', 36.50, 'CNY', 5, pg_temp.ago('9 days'), NULL,
        pg_temp.ago('9 days'), NULL),
    ('o2', 'u1001', 's2', 'b1001', 'a1001', 'JD-1', 126.00, 'CNY', 7, pg_temp.ago('3 hours'), NULL, NULL,
        pg_temp.ago('150 minutes')),
    ('o3', 'u1001', 's1', 'b1001', 'a1001', 'SB-2', 888.00, 'CNY', 3, pg_temp.ago('1 hour'), NULL, NULL,
        pg_temp.ago('1 hour')),
    ('o4', 'u1001', 's3', 'b1001', 'a1001', 'RJ-1', 200.00, 'CNY', 10, pg_temp.ago('20 minutes'),
        pg_temp.ago('20 minutes'), NULL, NULL),
    ('o5', 'u1002', 's1', 'b1002', 'a1002', 'SB-3', 20.00, 'CNY', 2, pg_temp.ago('70 minutes'), NULL,
        pg_temp.ago('70 minutes'), NULL);
INSERT INTO pay_flow VALUES
    ('f1', 'o1', 'u1001', 's1', 2, 1, NULL, pg_temp.ago('9 days'), pg_temp.ago('9 days')),
    ('f2', 'o2', 'u1001', 's2', 1, 3, NULL, pg_temp.ago('3 hours'), pg_temp.ago('179 minutes')),
    ('f3', 'o3', 'u1001', 's1', 2, 2, 'NOTENOUGH', pg_temp.ago('1 hour'), pg_temp.ago('1 hour')),
    ('f4', 'o4', 'u1001', 's3', 3, 1, NULL, pg_temp.ago('20 minutes'), pg_temp.ago('20 minutes')),
    ('f5', 'o5', 'u1002', 's1', 2, 1, NULL, pg_temp.ago('70 minutes'), pg_temp.ago('70 minutes'));
INSERT INTO refund_order VALUES
    ('r1', 'o1', 'u1001', 'b1001', 10.00, 'CNY', 2, pg_temp.ago('8 days'), pg_temp.ago('191 hours'));
INSERT INTO bill VALUES
    ('l01', 1, 't1', 'u1001', 1, 'a1001', 8, 1, 500.00, 500.00, 'CNY',
        pg_temp.ago('10 days'), NULL, NULL, NULL),
    ('l02', 2, 't1', 'u1001', 4, NULL, 8, 2, 500.00, NULL, 'CNY', pg_temp.ago('10 days'), NULL, NULL, NULL),
    ('l03', 3, 't2', 'u1001', 1, 'a1001', 1, 2, 36.50, 463.50, 'CNY',
        pg_temp.ago('9 days'), 'o1', NULL, NULL),
    ('l04', 4, 't2', 'u1001', 3, NULL, 4, 1, 36.50, NULL, 'CNY', pg_temp.ago('9 days'), 'o1', NULL, NULL),
    ('l05', 5, 't3', 'u1001', 1, 'a1001', 6, 1, 10.00, 473.50, 'CNY',
        pg_temp.ago('191 hours'), 'o1', 'r1', NULL),
    ('l06', 6, 't3', 'u1001', 3, NULL, 6, 2, 10.00, NULL, 'CNY', pg_temp.ago('191 hours'), 'o1', 'r1', NULL),
    ('l07', 7, 't4', 'u1001', 1, 'a1001', 1, 2, 126.00, 347.50, 'CNY',
        pg_temp.ago('3 hours'), 'o2', NULL, NULL),
    ('l08', 8, 't4', 'u1001', 4, NULL, 1, 1, 126.00, NULL, 'CNY', pg_temp.ago('3 hours'), 'o2', NULL, NULL),
    ('l09', 9, 't5', 'u1001', 1, 'a1001', 5, 1, 126.00, 473.50, 'CNY',
        pg_temp.ago('150 minutes'), 'o2', NULL, 'l07'),
    ('l10', 10, 't5', 'u1001', 4, NULL, 5, 2, 126.00, NULL, 'CNY',
        pg_temp.ago('150 minutes'), 'o2', NULL, 'l08'),
    ('l11', 11, 't6', 'u1002', 1, 'a1002', 8, 1, 50.00, 50.00, 'CNY',
        pg_temp.ago('5 days'), NULL, NULL, NULL),
    ('l12', 12, 't6', 'u1002', 4, NULL, 8, 2, 50.00, NULL, 'CNY', pg_temp.ago('5 days'), NULL, NULL, NULL),
    ('l13', 13, 't7', 'u1002', 1, 'a1002', 1, 2, 20.00, 30.00, 'CNY',
        pg_temp.ago('70 minutes'), 'o5', NULL, NULL),
    ('l14', 14, 't7', 'u1002', 3, NULL, 4, 1, 20.00, NULL, 'CNY',
        pg_temp.ago('70 minutes'), 'o5', NULL, NULL),
    ('l15', 15, 't8', 'u1001', 1, 'a1001', 2, 2, 200.00, 273.50, 'CNY',
        pg_temp.ago('20 minutes'), 'o4', NULL, NULL),
    ('l16', 16, 't8', 'u1001', 2, 'a1001', 2, 1, 200.00, 200.00, 'CNY',
        pg_temp.ago('20 minutes'), 'o4', NULL, NULL);
