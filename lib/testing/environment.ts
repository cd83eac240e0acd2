/** What the program needs of its environment, in tests. */
export function testEnvironment(databaseUrl: string, dataDirectory: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    HEADRACE_DATA: dataDirectory,
    HEADRACE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    NEXTAUTH_SECRET: 'a-secret-for-tests-that-is-long-enough',
    NEXTAUTH_URL: 'http://127.0.0.1:3000',
    HEADRACE_LOG_LEVEL: process.env.HEADRACE_LOG_LEVEL ?? 'silent',
  }
}
