-- CreateEnum
CREATE TYPE "QueueJobKind" AS ENUM ('resubmit', 'purge', 'replay');

-- CreateEnum
CREATE TYPE "QueueJobPlace" AS ENUM ('queue', 'dead_letter', 'executions');

-- CreateEnum
CREATE TYPE "QueueJobState" AS ENUM ('waiting', 'running', 'paused', 'canceled', 'finished', 'failed');

-- CreateEnum
CREATE TYPE "QueueJobItemState" AS ENUM ('sending', 'sent', 'failed', 'in_doubt');

-- CreateEnum
CREATE TYPE "PayloadPart" AS ENUM ('input', 'result');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "ExecutionSource" ADD VALUE 'replay';
ALTER TYPE "ExecutionSource" ADD VALUE 'dry_run';

-- AlterTable
ALTER TABLE "Execution" ADD COLUMN     "queueJobId" UUID,
ADD COLUMN     "replayOfId" UUID;

-- CreateTable
CREATE TABLE "FlowMinute" (
    "flowId" UUID NOT NULL,
    "minute" TIMESTAMPTZ(0) NOT NULL,
    "delivered" INTEGER NOT NULL DEFAULT 0,
    "succeeded" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "FlowMinute_pkey" PRIMARY KEY ("flowId","minute")
);

-- CreateTable
CREATE TABLE "QueueJob" (
    "id" UUID NOT NULL,
    "flowId" UUID NOT NULL,
    "kind" "QueueJobKind" NOT NULL,
    "place" "QueueJobPlace" NOT NULL,
    "state" "QueueJobState" NOT NULL DEFAULT 'waiting',
    "request" JSONB NOT NULL,
    "requestedBy" TEXT NOT NULL,
    "total" INTEGER,
    "doneCount" INTEGER NOT NULL DEFAULT 0,
    "failedCount" INTEGER NOT NULL DEFAULT 0,
    "cursor" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "leaseToken" UUID,
    "leaseUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "QueueJob_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "QueueJobItem" (
    "jobId" UUID NOT NULL,
    "itemKey" TEXT NOT NULL,
    "state" "QueueJobItemState" NOT NULL,
    "messageId" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "QueueJobItem_pkey" PRIMARY KEY ("jobId","itemKey")
);

-- CreateTable
CREATE TABLE "ExecutionPayload" (
    "executionId" UUID NOT NULL,
    "part" "PayloadPart" NOT NULL,
    "storageKey" TEXT NOT NULL,
    "sizeBytes" INTEGER NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ExecutionPayload_pkey" PRIMARY KEY ("executionId","part")
);

-- CreateIndex
CREATE INDEX "FlowMinute_minute_idx" ON "FlowMinute"("minute");

-- CreateIndex
CREATE INDEX "QueueJob_flowId_createdAt_idx" ON "QueueJob"("flowId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "QueueJob_state_createdAt_idx" ON "QueueJob"("state", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "ExecutionPayload_storageKey_key" ON "ExecutionPayload"("storageKey");

-- CreateIndex
CREATE INDEX "ExecutionPayload_expiresAt_idx" ON "ExecutionPayload"("expiresAt");

-- CreateIndex
CREATE INDEX "Execution_flowId_versionId_startedAt_idx" ON "Execution"("flowId", "versionId", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "Execution_messageId_idx" ON "Execution" USING HASH ("messageId");

-- AddForeignKey
ALTER TABLE "FlowMinute" ADD CONSTRAINT "FlowMinute_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "EventFlow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "QueueJob" ADD CONSTRAINT "QueueJob_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "EventFlow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "QueueJobItem" ADD CONSTRAINT "QueueJobItem_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "QueueJob"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ExecutionPayload" ADD CONSTRAINT "ExecutionPayload_executionId_fkey" FOREIGN KEY ("executionId") REFERENCES "Execution"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand: partial indexes, for which the schema language has no words.

-- What of a flow did not succeed, newest first: the filter that people use most, over the fewest rows.
CREATE INDEX "Execution_flowId_status_startedAt_notable_idx" ON "Execution"("flowId", "status", "startedAt" DESC) WHERE "status" <> 'succeeded';

-- The replays and dry runs of an execution or a flow, of which there are few.
CREATE INDEX "Execution_replayOfId_notable_idx" ON "Execution"("replayOfId") WHERE "replayOfId" IS NOT NULL;

-- One job at a time works through a flow's queue, its dead-letter queue or its executions.
CREATE UNIQUE INDEX "QueueJob_flowId_place_active_key" ON "QueueJob"("flowId", "place") WHERE "state" IN ('waiting', 'running', 'paused');
