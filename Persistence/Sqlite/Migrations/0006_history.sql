-- However many orders and changes there are, what is looked at is what is new. None of these costs an order that is placed
-- anything: a row that is not in an index does not have to be written to it.

-- The last order that was changed, by whom ever. One that was not is as old as it is.
CREATE INDEX order_updated_at_index ON "order" (updated_at) WHERE updated_at > inserted_at;

-- Most changes are those of orders. Who has missed a change of the menu or the status does not look for it among them.
CREATE INDEX change_log_not_order_index ON change_log (seq, collection) WHERE collection <> 'order';
