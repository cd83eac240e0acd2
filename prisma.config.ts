import { defineConfig } from 'prisma/config'

// The URL is only read by Prisma's own tools (studio, db execute); the program connects through lib/db.ts.
export default defineConfig({
  schema: 'prisma/schema.prisma',
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://localhost/headrace' },
})
