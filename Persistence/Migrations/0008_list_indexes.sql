-- The orders' own order, by their numbers, which begin anew each day: a page of them is found without sorting all. It is
-- worth a page more in every order's commit, since a list without a sort needs it. Sorts by other fields without an index
-- are not: they compare all orders' values.
CREATE INDEX order_day_id_index ON "order" (day_id);
