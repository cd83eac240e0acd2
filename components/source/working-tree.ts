/** The files of an algorithm as they are being edited, beside what is saved of them. Plain data, changed by copying. */
export type WorkingTree = {
  /** The commit that `saved` is. */
  headSha: string
  saved: ReadonlyMap<string, string>
  /** What is on the screen: edited and new files in, deleted ones out. */
  current: ReadonlyMap<string, string>
  /** Files that are no text: listed, not shown, kept as they are. */
  binary: ReadonlySet<string>
}

type LoadedFile = { path: string; text: string; isBinary: boolean }
export type TreeChange = { path: string; text: string | null }

export function openTree(headSha: string, files: LoadedFile[]): WorkingTree {
  const saved = new Map(files.map(({ path, text }) => [path, text]))
  const binary = new Set(files.filter(({ isBinary }) => isBinary).map(({ path }) => path))
  return { headSha, saved, current: saved, binary }
}

export function writeFile(tree: WorkingTree, path: string, text: string): WorkingTree {
  return { ...tree, current: new Map(tree.current).set(path, text) }
}

export function deleteFile(tree: WorkingTree, path: string): WorkingTree {
  const current = new Map(tree.current)
  current.delete(path)
  return { ...tree, current }
}

/** Makes changes that were kept elsewhere. */
export function applyChanges(tree: WorkingTree, changes: TreeChange[]): WorkingTree {
  return changes.reduce(
    (before, { path, text }) => (text === null ? deleteFile(before, path) : writeFile(before, path, text)),
    tree,
  )
}

/** What a save would have to write. */
export function changesOf(tree: WorkingTree): TreeChange[] {
  const written = [...tree.current].filter(([path, text]) => tree.saved.get(path) !== text)
  const deleted = [...tree.saved.keys()].filter((path) => !tree.current.has(path))
  return [...written.map(([path, text]) => ({ path, text })), ...deleted.map((path) => ({ path, text: null }))]
}

export function isChanged(tree: WorkingTree, path: string): boolean {
  return tree.saved.get(path) !== tree.current.get(path)
}

/** After a save: what was typed while it was under way stays unsaved. */
export function markSaved(tree: WorkingTree, headSha: string, changes: TreeChange[]): WorkingTree {
  const saved = new Map(tree.saved)
  const binary = new Set(tree.binary)
  for (const { path, text } of changes) {
    binary.delete(path)
    if (text === null) saved.delete(path)
    else saved.set(path, text)
  }
  return { ...tree, headSha, saved, binary }
}

export type Folder = { folders: string[]; files: string[] }

/** What is directly in a folder (`''` is the root): whole paths, in the order of their names. */
export function listFolder(tree: WorkingTree, folder: string): Folder {
  const prefix = folder && `${folder}/`
  const folders = new Set<string>()
  const files: string[] = []
  for (const path of tree.current.keys()) {
    if (!path.startsWith(prefix)) continue
    const slash = path.indexOf('/', prefix.length)
    if (slash < 0) files.push(path)
    else folders.add(path.slice(0, slash))
  }
  return { folders: [...folders].sort(), files: files.sort() }
}

export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
