-- AlterTable
ALTER TABLE "DataFile" ADD COLUMN     "content" BYTEA,
ALTER COLUMN "storageKey" DROP NOT NULL;

-- The bytes are in one place: in storage, or in the row.
ALTER TABLE "DataFile" ADD CONSTRAINT "DataFile_one_place" CHECK (("storageKey" IS NULL) <> ("content" IS NULL));
