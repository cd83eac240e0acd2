-- A settlement is marked in its row a moment after the row is written. With room on the page that touches no index.
ALTER TABLE "Execution" SET (fillfactor = 80);
