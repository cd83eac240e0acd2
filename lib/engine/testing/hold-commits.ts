import pg from 'pg'
import { waitUntil } from './wait-until'

const LOCK = 271828

export type HeldCommits = {
  /** Whether a transaction that wrote executions waits at its end. */
  areHeld(): Promise<boolean>
  /** Lets those that wait commit, and all later ones too. */
  release(): Promise<void>
  /** Ends the transactions that wait as if Postgres had lost them; later ones commit. */
  rollBack(): Promise<void>
}

/** From now on who writes executions waits between the last of them and the commit. */
export async function holdCommits(url: string): Promise<HeldCommits> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(`
    CREATE OR REPLACE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_advisory_xact_lock_shared(${LOCK}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER hold_commit AFTER INSERT ON "Execution"
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit();
    SELECT pg_advisory_lock(${LOCK})`)
  const holders = async (): Promise<number[]> => {
    const { rows } = await client.query<{ pid: number }>(
      `SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
       WHERE l.locktype = 'advisory' AND l.objid = ${LOCK} AND NOT l.granted`,
    )
    return rows.map(({ pid }) => pid)
  }
  const end = async () => {
    await client.query(`SELECT pg_advisory_unlock(${LOCK})`)
    // Waits for those that were held: they still have the table.
    await client.query('DROP TRIGGER hold_commit ON "Execution"')
    await client.end()
  }
  return {
    areHeld: async () => (await holders()).length > 0,
    release: end,
    rollBack: async () => {
      for (const pid of await holders()) await client.query('SELECT pg_terminate_backend($1)', [pid])
      await waitUntil('they are gone', async () => (await holders()).length === 0)
      await end()
    },
  }
}
