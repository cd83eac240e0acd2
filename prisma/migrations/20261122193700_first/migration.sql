-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "AccountKind" AS ENUM ('user', 'organization');

-- CreateEnum
CREATE TYPE "AlgorithmAccess" AS ENUM ('full', 'none');

-- CreateEnum
CREATE TYPE "DataAccess" AS ENUM ('read_write', 'read', 'none');

-- CreateEnum
CREATE TYPE "Language" AS ENUM ('python', 'node');

-- CreateEnum
CREATE TYPE "SourceVisibility" AS ENUM ('open', 'closed');

-- CreateEnum
CREATE TYPE "License" AS ENUM ('apl', 'apache2', 'gpl3', 'mit');

-- CreateEnum
CREATE TYPE "NetworkAccess" AS ENUM ('full', 'isolated');

-- CreateEnum
CREATE TYPE "BuildStatus" AS ENUM ('queued', 'in_progress', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "Callability" AS ENUM ('public', 'private');

-- CreateEnum
CREATE TYPE "ReadAccess" AS ENUM ('private', 'my_algorithms', 'public');

-- CreateEnum
CREATE TYPE "ConsumerState" AS ENUM ('stopped', 'starting', 'receiving', 'reconnecting', 'misconfigured', 'waiting_for_version', 'draining');

-- CreateEnum
CREATE TYPE "ExecutionSource" AS ENUM ('flow', 'api', 'console');

-- CreateEnum
CREATE TYPE "ExecutionStatus" AS ENUM ('running', 'succeeded', 'failed', 'abandoned');

-- CreateEnum
CREATE TYPE "Settlement" AS ENUM ('completed', 'abandoned', 'dead_lettered');

-- CreateEnum
CREATE TYPE "ContentType" AS ENUM ('json', 'text', 'binary');

-- CreateTable
CREATE TABLE "Account" (
    "id" UUID NOT NULL,
    "kind" "AccountKind" NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "User" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "email" TEXT,
    "passwordHash" TEXT NOT NULL,
    "isAdmin" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSignInAt" TIMESTAMPTZ(3),

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SignInFailure" (
    "id" UUID NOT NULL,
    "nameKey" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SignInFailure_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ApiKey" (
    "id" UUID NOT NULL,
    "accountId" UUID NOT NULL,
    "label" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "mask" TEXT NOT NULL,
    "algorithmAccess" "AlgorithmAccess" NOT NULL DEFAULT 'full',
    "dataAccess" "DataAccess" NOT NULL DEFAULT 'read_write',
    "canManage" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Environment" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "language" "Language" NOT NULL,
    "interpreterPath" TEXT NOT NULL,
    "exactVersion" TEXT NOT NULL,
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "isAvailable" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Environment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Algorithm" (
    "id" UUID NOT NULL,
    "ownerId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "tagline" TEXT NOT NULL DEFAULT '',
    "environmentId" UUID NOT NULL,
    "sourceVisibility" "SourceVisibility" NOT NULL DEFAULT 'closed',
    "license" "License" NOT NULL DEFAULT 'apl',
    "networkAccess" "NetworkAccess" NOT NULL DEFAULT 'full',
    "pipelineEnabled" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Algorithm_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Commit" (
    "algorithmId" UUID NOT NULL,
    "sha" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "authorName" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Commit_pkey" PRIMARY KEY ("algorithmId","sha")
);

-- CreateTable
CREATE TABLE "Build" (
    "id" UUID NOT NULL,
    "algorithmId" UUID NOT NULL,
    "commitSha" TEXT NOT NULL,
    "status" "BuildStatus" NOT NULL DEFAULT 'queued',
    "log" TEXT NOT NULL DEFAULT '',
    "error" TEXT,
    "environmentKey" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Build_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Version" (
    "id" UUID NOT NULL,
    "algorithmId" UUID NOT NULL,
    "buildId" UUID NOT NULL,
    "major" INTEGER NOT NULL,
    "minor" INTEGER NOT NULL,
    "revision" INTEGER NOT NULL,
    "callability" "Callability" NOT NULL,
    "releaseNotes" TEXT NOT NULL DEFAULT '',
    "sampleInput" TEXT NOT NULL DEFAULT '',
    "sampleOutput" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Version_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Secret" (
    "id" UUID NOT NULL,
    "algorithmId" UUID NOT NULL,
    "environmentName" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "ciphertext" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Secret_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Collection" (
    "id" UUID NOT NULL,
    "ownerId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "readAccess" "ReadAccess" NOT NULL DEFAULT 'my_algorithms',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Collection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "DataFile" (
    "id" UUID NOT NULL,
    "collectionId" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "contentType" TEXT NOT NULL,
    "checksum" TEXT NOT NULL,
    "storageKey" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "DataFile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "EventFlow" (
    "id" UUID NOT NULL,
    "ownerId" UUID NOT NULL,
    "algorithmId" UUID NOT NULL,
    "versionSelector" TEXT,
    "queueName" TEXT NOT NULL,
    "namespaceHost" TEXT NOT NULL,
    "connectionString" TEXT NOT NULL,
    "timeoutSeconds" INTEGER NOT NULL DEFAULT 420,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "state" "ConsumerState" NOT NULL DEFAULT 'stopped',
    "stateReason" TEXT NOT NULL DEFAULT '',
    "stateChangedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastDeliveryAt" TIMESTAMPTZ(3),
    "deliveredCount" INTEGER NOT NULL DEFAULT 0,
    "succeededCount" INTEGER NOT NULL DEFAULT 0,
    "failedCount" INTEGER NOT NULL DEFAULT 0,
    "deadLetteredCount" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "EventFlow_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Execution" (
    "id" UUID NOT NULL,
    "source" "ExecutionSource" NOT NULL,
    "status" "ExecutionStatus" NOT NULL DEFAULT 'running',
    "algorithmId" UUID NOT NULL,
    "versionId" UUID,
    "commitSha" TEXT NOT NULL,
    "callerId" UUID NOT NULL,
    "flowId" UUID,
    "messageId" TEXT,
    "sequenceNumber" BIGINT,
    "deliveryCount" INTEGER,
    "enqueuedAt" TIMESTAMPTZ(3),
    "receivedAt" TIMESTAMPTZ(3),
    "winningSequenceNumber" BIGINT,
    "settlement" "Settlement",
    "deadLetterReason" TEXT,
    "settledAt" TIMESTAMPTZ(3),
    "inputType" "ContentType",
    "inputPreview" TEXT NOT NULL DEFAULT '',
    "inputBytes" INTEGER NOT NULL DEFAULT 0,
    "resultType" "ContentType",
    "resultPreview" TEXT NOT NULL DEFAULT '',
    "resultBytes" INTEGER NOT NULL DEFAULT 0,
    "errorType" TEXT,
    "errorMessage" TEXT,
    "errorStack" TEXT,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finishedAt" TIMESTAMPTZ(3),
    "durationMs" DOUBLE PRECISION,

    CONSTRAINT "Execution_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ExecutionLog" (
    "executionId" UUID NOT NULL,
    "stdout" TEXT NOT NULL DEFAULT '',
    "stderr" TEXT NOT NULL DEFAULT '',
    "isTruncated" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "ExecutionLog_pkey" PRIMARY KEY ("executionId")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actorKind" TEXT NOT NULL,
    "actorName" TEXT NOT NULL,
    "accountId" UUID,
    "action" TEXT NOT NULL,
    "targetKind" TEXT NOT NULL,
    "targetName" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Account_name_key" ON "Account"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Account_nameKey_key" ON "Account"("nameKey");

-- CreateIndex
CREATE UNIQUE INDEX "User_accountId_key" ON "User"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE INDEX "SignInFailure_nameKey_at_idx" ON "SignInFailure"("nameKey", "at");

-- CreateIndex
CREATE INDEX "SignInFailure_address_at_idx" ON "SignInFailure"("address", "at");

-- CreateIndex
CREATE UNIQUE INDEX "ApiKey_keyHash_key" ON "ApiKey"("keyHash");

-- CreateIndex
CREATE INDEX "ApiKey_accountId_idx" ON "ApiKey"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "Environment_name_key" ON "Environment"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Algorithm_ownerId_name_key" ON "Algorithm"("ownerId", "name");

-- CreateIndex
CREATE INDEX "Commit_algorithmId_createdAt_idx" ON "Commit"("algorithmId", "createdAt");

-- CreateIndex
CREATE INDEX "Build_algorithmId_createdAt_idx" ON "Build"("algorithmId", "createdAt");

-- CreateIndex
CREATE UNIQUE INDEX "Version_buildId_key" ON "Version"("buildId");

-- CreateIndex
CREATE UNIQUE INDEX "Version_algorithmId_major_minor_revision_key" ON "Version"("algorithmId", "major", "minor", "revision");

-- CreateIndex
CREATE UNIQUE INDEX "Secret_algorithmId_environmentName_key" ON "Secret"("algorithmId", "environmentName");

-- CreateIndex
CREATE UNIQUE INDEX "Collection_ownerId_name_key" ON "Collection"("ownerId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "DataFile_storageKey_key" ON "DataFile"("storageKey");

-- CreateIndex
CREATE UNIQUE INDEX "DataFile_collectionId_name_key" ON "DataFile"("collectionId", "name");

-- CreateIndex
CREATE INDEX "EventFlow_ownerId_idx" ON "EventFlow"("ownerId");

-- CreateIndex
CREATE UNIQUE INDEX "EventFlow_algorithmId_namespaceHost_queueName_key" ON "EventFlow"("algorithmId", "namespaceHost", "queueName");

-- CreateIndex
CREATE INDEX "Execution_flowId_startedAt_idx" ON "Execution"("flowId", "startedAt" DESC);

-- CreateIndex
CREATE INDEX "Execution_flowId_sequenceNumber_idx" ON "Execution"("flowId", "sequenceNumber");

-- CreateIndex
CREATE INDEX "Execution_algorithmId_startedAt_idx" ON "Execution"("algorithmId", "startedAt" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Execution_flowId_winningSequenceNumber_enqueuedAt_key" ON "Execution"("flowId", "winningSequenceNumber", "enqueuedAt");

-- CreateIndex
CREATE INDEX "AuditEvent_accountId_at_idx" ON "AuditEvent"("accountId", "at" DESC);

-- AddForeignKey
ALTER TABLE "User" ADD CONSTRAINT "User_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Algorithm" ADD CONSTRAINT "Algorithm_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Algorithm" ADD CONSTRAINT "Algorithm_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Commit" ADD CONSTRAINT "Commit_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_algorithmId_commitSha_fkey" FOREIGN KEY ("algorithmId", "commitSha") REFERENCES "Commit"("algorithmId", "sha") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Version" ADD CONSTRAINT "Version_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Version" ADD CONSTRAINT "Version_buildId_fkey" FOREIGN KEY ("buildId") REFERENCES "Build"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Secret" ADD CONSTRAINT "Secret_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Collection" ADD CONSTRAINT "Collection_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "DataFile" ADD CONSTRAINT "DataFile_collectionId_fkey" FOREIGN KEY ("collectionId") REFERENCES "Collection"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EventFlow" ADD CONSTRAINT "EventFlow_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "EventFlow" ADD CONSTRAINT "EventFlow_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Execution" ADD CONSTRAINT "Execution_algorithmId_fkey" FOREIGN KEY ("algorithmId") REFERENCES "Algorithm"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Execution" ADD CONSTRAINT "Execution_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "Version"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Execution" ADD CONSTRAINT "Execution_callerId_fkey" FOREIGN KEY ("callerId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Execution" ADD CONSTRAINT "Execution_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "EventFlow"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ExecutionLog" ADD CONSTRAINT "ExecutionLog_executionId_fkey" FOREIGN KEY ("executionId") REFERENCES "Execution"("id") ON DELETE CASCADE ON UPDATE CASCADE;
