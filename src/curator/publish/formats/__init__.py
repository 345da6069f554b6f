"""Hold one module for each export format, and `registry`, the table from which names and renderers come.

To add the format `NAME`:

1. Write `formats/NAME.py` with one function, `render(snapshot)`. It receives a `curator.publish.snapshot.ListSnapshot`:
   the frames that the user selected, and the list's title, description, topics, questions, to-dos, changelog and
   retired frames. It yields the export in pieces (`str` or `bytes`) or, for a format that is a folder, `ExportFile`s.
   It opens no file and no warehouse, so that the same list always gives the same bytes.
2. Add a row to `EXPORT_FORMATS` in `formats/registry.py`. `curator export`, its help, its error messages, the benchmark
   and `docs/reference/exports.md` use that table; `make reference` updates the page.
3. Add `tests/publish/formats/test_NAME.py`. `tests/publish/frames.py` makes frames and snapshots to render;
   `tests/publish/formats/test_registry.py` checks every row of the table.

Names, links and citations of a source come from `curator.publish.citations`, and flat rows from
`curator.publish.frame_rows`. Text from papers and models is untrusted: escape it as the format requires.

A renderer does not read settings. `ListSnapshot.title` and `ListSnapshot.about` show how a setting reaches it:
`take_snapshot` copies the setting into a field of the snapshot. For a setting that only exports need, add its key to
`curator/settings.py` and to `curator.toml`, a field to `ListSnapshot`, and a line to `take_snapshot`.
"""
