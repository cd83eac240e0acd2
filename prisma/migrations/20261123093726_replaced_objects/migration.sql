-- AlterTable
ALTER TABLE "DataFile" ADD COLUMN     "replacedKey" TEXT;
