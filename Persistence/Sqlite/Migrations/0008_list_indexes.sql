-- The orders' own order, by their numbers, which begin anew each day: without it, every list without a sort would sort
-- all orders. It costs every order's commit one page more. Fields that are rarely sorted by are not worth that: sorting
-- by them compares the values of all orders.
CREATE INDEX order_day_id_index ON "order" (day_id);
