-- The tables of Kaffebase (Elixir, Ecto), letter for letter as its five migrations leave them: the same file must open
-- in both programs. SQLite stores these statements without their IF NOT EXISTS, which makes them no-ops on an existing
-- Kaffebase file.

CREATE TABLE IF NOT EXISTS "schema_migrations" ("version" INTEGER PRIMARY KEY, "inserted_at" TEXT);

CREATE TABLE IF NOT EXISTS "users" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL COLLATE NOCASE, "hashed_password" TEXT, "confirmed_at" TEXT, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL, "name" TEXT, "username" TEXT, "is_admin" INTEGER DEFAULT false NOT NULL);

CREATE TABLE IF NOT EXISTS "users_tokens" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "user_id" INTEGER NOT NULL CONSTRAINT "users_tokens_user_id_fkey" REFERENCES "users"("id") ON DELETE CASCADE, "token" BLOB NOT NULL, "context" TEXT NOT NULL, "sent_to" TEXT, "authenticated_at" TEXT, "inserted_at" TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "category" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "sort_order" INTEGER DEFAULT 0 NOT NULL, "enable" INTEGER DEFAULT false NOT NULL, "valid_customizations" TEXT DEFAULT '[]' NOT NULL, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "item" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "category_id" INTEGER CONSTRAINT "item_category_id_fkey" REFERENCES "category"("id") ON DELETE RESTRICT, "image" TEXT, "enable" INTEGER DEFAULT false NOT NULL, "sort_order" INTEGER DEFAULT 0 NOT NULL, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL, price_nok INTEGER NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS "customization_key" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "enable" INTEGER DEFAULT false NOT NULL, "label_color" TEXT, "default_value" TEXT, "multiple_choice" INTEGER DEFAULT false NOT NULL, "sort_order" INTEGER DEFAULT 0 NOT NULL, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "customization_value" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "name" TEXT NOT NULL, "belongs_to" INTEGER NOT NULL, "enable" INTEGER DEFAULT false NOT NULL, "constant_price" INTEGER DEFAULT false NOT NULL, "sort_order" INTEGER DEFAULT 0 NOT NULL, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL, price_increment_nok INTEGER NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS "message" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "subtitle" TEXT, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "status" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "open" INTEGER DEFAULT false NOT NULL, "show_message" INTEGER DEFAULT false NOT NULL, "message_id" INTEGER, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS "order" ("id" INTEGER PRIMARY KEY AUTOINCREMENT, "uuid" TEXT NOT NULL, "customer_id" INTEGER, "day_id" INTEGER NOT NULL, "items_data" TEXT, "state" TEXT NOT NULL, "missing_information" INTEGER DEFAULT false NOT NULL, "inserted_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL);

CREATE UNIQUE INDEX IF NOT EXISTS "users_email_index" ON "users" ("email");

CREATE INDEX IF NOT EXISTS "users_tokens_user_id_index" ON "users_tokens" ("user_id");

CREATE UNIQUE INDEX IF NOT EXISTS "users_tokens_context_token_index" ON "users_tokens" ("context", "token");

CREATE UNIQUE INDEX IF NOT EXISTS "users_username_index" ON "users" ("username");

CREATE UNIQUE INDEX IF NOT EXISTS "item_name_index" ON "item" ("name");

CREATE INDEX IF NOT EXISTS "item_category_id_index" ON "item" ("category_id");

CREATE INDEX IF NOT EXISTS "order_customer_id_index" ON "order" ("customer_id");

CREATE UNIQUE INDEX IF NOT EXISTS "order_uuid_index" ON "order" ("uuid");

-- So Ecto has nothing left to do.
INSERT INTO schema_migrations (version, inserted_at)
     VALUES (20251005105055, @now),
            (20251005120000, @now),
            (20251005130000, @now),
            (20251020080000, @now),
            (20251116103333, @now)
ON CONFLICT DO NOTHING;
