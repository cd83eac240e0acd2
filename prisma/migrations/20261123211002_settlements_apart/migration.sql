CREATE TABLE "ExecutionSettlement" (
    "executionId" UUID NOT NULL,
    "settlement" "Settlement" NOT NULL,
    "settledAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ExecutionSettlement_pkey" PRIMARY KEY ("executionId")
);

INSERT INTO "ExecutionSettlement" ("executionId", "settlement", "settledAt")
  SELECT "id", "settlement", coalesce("settledAt", "recordedAt", "startedAt") FROM "Execution" WHERE "settlement" IS NOT NULL;

-- In place of a foreign key, whose check of each row took longer than the row (docs/decisions/0011).
CREATE FUNCTION delete_settlement() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN DELETE FROM "ExecutionSettlement" WHERE "executionId" = OLD."id"; RETURN NULL; END $$;
CREATE TRIGGER delete_settlement AFTER DELETE ON "Execution" FOR EACH ROW EXECUTE FUNCTION delete_settlement();

ALTER TABLE "Execution" DROP COLUMN "settlement", DROP COLUMN "settledAt";
ALTER TABLE "Execution" RESET (fillfactor);
