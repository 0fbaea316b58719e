-- What pages of orders follow, however many orders there are.

-- Their own order: an order's number, which begins anew each day.
CREATE INDEX order_day_id_index ON "order" (day_id);

-- The last change of every order. The index before had only those that were changed after they were placed.
DROP INDEX order_updated_at_index;

CREATE INDEX order_updated_at_index ON "order" (updated_at);
