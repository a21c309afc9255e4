// Python for the browser comes from Pyodide's public host, in the one version that is said here.
// The course and what else Pyodide does not have lie beside this file; `import` finds them too.
const HOST = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/";

async function packages(place, base) {
  const found = await (await fetch(place)).json();
  for (const each of Object.values(found.packages)) {
    each.file_name = new URL(each.file_name, base).href;
  }
  return found;
}

export async function loadPyodide(options) {
  const [pyodide, theirs, ours] = await Promise.all([
    import(`${HOST}pyodide.mjs`),
    packages(`${HOST}pyodide-lock.json`, HOST),
    packages(new URL("wheels/lock.json", import.meta.url), new URL("wheels/", import.meta.url)),
  ]);
  Object.assign(theirs.packages, ours.packages);
  return pyodide.loadPyodide({ ...options, indexURL: HOST, lockFileContents: theirs });
}
