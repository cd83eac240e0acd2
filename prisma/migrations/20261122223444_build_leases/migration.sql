-- AlterEnum
ALTER TYPE "BuildStatus" ADD VALUE 'cancelled';

-- AlterTable
ALTER TABLE "Build" ADD COLUMN     "cancelRequestedAt" TIMESTAMPTZ(3),
ADD COLUMN     "claimedBy" TEXT,
ADD COLUMN     "environmentId" UUID,
ADD COLUMN     "heartbeatAt" TIMESTAMPTZ(3),
ADD COLUMN     "interpreterPath" TEXT,
ADD COLUMN     "interpreterVersion" TEXT;

-- AlterTable
ALTER TABLE "Environment" ADD COLUMN     "isEnabled" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "position" INTEGER;

-- CreateTable
CREATE TABLE "PackageEnvironment" (
    "key" TEXT NOT NULL,
    "language" "Language" NOT NULL,
    "interpreterVersion" TEXT NOT NULL,
    "installer" TEXT NOT NULL,
    "packages" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "PackageEnvironment_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "Build_status_createdAt_idx" ON "Build"("status", "createdAt");

-- CreateIndex
CREATE INDEX "Build_environmentKey_idx" ON "Build"("environmentKey");

-- AddForeignKey
ALTER TABLE "Build" ADD CONSTRAINT "Build_environmentId_fkey" FOREIGN KEY ("environmentId") REFERENCES "Environment"("id") ON DELETE SET NULL ON UPDATE CASCADE;
