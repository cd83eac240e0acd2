-- CreateEnum
CREATE TYPE "MessageOrder" AS ENUM ('unordered', 'session');

-- CreateEnum
CREATE TYPE "BackOffKind" AS ENUM ('none', 'fixed', 'exponential');

-- CreateEnum
CREATE TYPE "FlowIntent" AS ENUM ('run', 'paused', 'drained');

-- AlterEnum
ALTER TYPE "ConsumerState" ADD VALUE 'paused';

-- AlterTable
ALTER TABLE "EventFlow" ADD COLUMN     "backOffFirstSeconds" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "backOffKind" "BackOffKind" NOT NULL DEFAULT 'exponential',
ADD COLUMN     "backOffLongestMinutes" INTEGER NOT NULL DEFAULT 1,
ADD COLUMN     "concurrency" INTEGER NOT NULL DEFAULT 16,
ADD COLUMN     "intent" "FlowIntent" NOT NULL DEFAULT 'run',
ADD COLUMN     "intentAt" TIMESTAMPTZ(3),
ADD COLUMN     "intentBy" TEXT,
ADD COLUMN     "lockRenewalLimitMinutes" INTEGER,
ADD COLUMN     "messageOrder" "MessageOrder" NOT NULL DEFAULT 'unordered',
ADD COLUMN     "outputCollection" TEXT,
ADD COLUMN     "outputNameTemplate" TEXT NOT NULL DEFAULT '<messageId>.json';

-- AlterTable
ALTER TABLE "Execution" ADD COLUMN     "applicationProperties" JSONB,
ADD COLUMN     "correlationId" TEXT,
ADD COLUMN     "messageContentType" TEXT,
ADD COLUMN     "outputPath" TEXT,
ADD COLUMN     "recordedAt" TIMESTAMPTZ(3),
ADD COLUMN     "sessionId" TEXT;
