-- With these, only new rows are read, however many orders and changes there are. They cost a new order nothing: a row
-- that is not in an index need not be written to it.

-- Finds the order that was changed last. The time of an unchanged order is in order_inserted_at_index.
CREATE INDEX order_updated_at_index ON "order" (updated_at) WHERE updated_at > inserted_at;

-- Most changes are of orders. Finds the changes of the menu and the status without reading those.
CREATE INDEX change_log_not_order_index ON change_log (seq, collection) WHERE collection <> 'order';
