-- CreateTable
CREATE TABLE "Engine" (
    "id" UUID NOT NULL,
    "hostName" TEXT NOT NULL,
    "pid" INTEGER NOT NULL,
    "isStopping" BOOLEAN NOT NULL DEFAULT false,
    "startedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Engine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "FlowLease" (
    "flowId" UUID NOT NULL,
    "engineId" UUID,
    "fence" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "FlowLease_pkey" PRIMARY KEY ("flowId")
);

-- CreateTable (unlogged: rewritten all the time, and worth nothing after a crash)
CREATE UNLOGGED TABLE "FlowSnapshot" (
    "flowId" UUID NOT NULL,
    "engineId" UUID NOT NULL,
    "status" JSONB NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "FlowSnapshot_pkey" PRIMARY KEY ("flowId")
);

-- CreateIndex
CREATE INDEX "Engine_expiresAt_idx" ON "Engine"("expiresAt");

-- CreateIndex
CREATE INDEX "FlowLease_engineId_idx" ON "FlowLease"("engineId");

-- CreateIndex
CREATE INDEX "FlowSnapshot_engineId_idx" ON "FlowSnapshot"("engineId");

-- AddForeignKey
ALTER TABLE "FlowLease" ADD CONSTRAINT "FlowLease_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "EventFlow"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FlowLease" ADD CONSTRAINT "FlowLease_engineId_fkey" FOREIGN KEY ("engineId") REFERENCES "Engine"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "FlowSnapshot" ADD CONSTRAINT "FlowSnapshot_flowId_fkey" FOREIGN KEY ("flowId") REFERENCES "EventFlow"("id") ON DELETE CASCADE ON UPDATE CASCADE;
