-- The orders' default order, by their numbers, which start again every day: without this index, every list without a
-- sort would sort all orders. It adds one page to every order's commit. That is too much for fields by which lists are
-- rarely sorted; sorting by those compares the values of all orders.
CREATE INDEX order_day_id_index ON "order" (day_id);
