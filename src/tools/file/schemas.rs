//! What the model is told about the tools of the toolset.

/// What the model is told about `read_file`.
pub const READ_FILE_ABOUT: &str = "Reads lines of a text file, each shown with its number as `number|text`. Use offset and limit to page \
    through long files, and search_files to find the right place first. Use it instead of cat, head or tail.";

/// The arguments of `read_file`.
pub const READ_FILE: &str = r#"{
  "type": "object",
  "properties": {
    "path": {"type": "string", "description": "The file: absolute, relative to the working folder, or starting with ~."},
    "offset": {"type": "integer", "description": "The first line to show, counted from 1. Default 1."},
    "limit": {"type": "integer", "description": "How many lines to show, at most 2000. Default 500."}
  },
  "required": ["path"]
}"#;

/// What the model is told about `write_file`.
pub const WRITE_FILE_ABOUT: &str = "Writes a whole text file, replacing it when it exists and making missing folders. To change a part of \
    a file, use patch.";

/// The arguments of `write_file`.
pub const WRITE_FILE: &str = r#"{
  "type": "object",
  "properties": {
    "path": {"type": "string", "description": "The file: absolute, relative to the working folder, or starting with ~."},
    "content": {"type": "string", "description": "The complete new content of the file."}
  },
  "required": ["path", "content"]
}"#;

/// What the model is told about `patch`.
pub const PATCH_ABOUT: &str = "Changes text files. Mode replace swaps old_string for new_string in one file; old_string must be an exact \
    copy of text that is there once, without the line numbers of read_file. Mode patch takes a V4A patch for several hunks or files, and \
    applies all of it or nothing.";

/// The arguments of `patch`.
pub const PATCH: &str = r#"{
  "type": "object",
  "properties": {
    "mode": {"type": "string", "enum": ["replace", "patch"], "description": "replace: one text in one file. patch: a V4A patch."},
    "path": {"type": "string", "description": "The file to change. Mode replace only."},
    "old_string": {"type": "string", "description": "The exact text to replace, with enough lines around it to be the only one. Mode replace only."},
    "new_string": {"type": "string", "description": "The text to put there; empty to delete. Mode replace only."},
    "replace_all": {"type": "boolean", "description": "Replace every occurrence. Default false. Mode replace only."},
    "patch": {"type": "string", "description": "Mode patch only. Begins with the line *** Begin Patch and ends with *** End Patch; between them sections *** Update File: path (optionally *** Move to: path next), *** Add File: path, *** Delete File: path. Hunks begin with @@ or @@ and a line of the file above them; their lines begin with a space (stays), - (goes) or + (comes). *** End of File ties a hunk to the end."}
  },
  "required": ["mode"]
}"#;

/// What the model is told about `search_files`.
pub const SEARCH_FILES_ABOUT: &str = "Searches the contents of files with a regular expression, or with target files finds files by name, \
    newest first. Hidden, ignored and binary files are left out. Use it instead of grep, find or ls.";

/// The arguments of `search_files`.
pub const SEARCH_FILES: &str = r#"{
  "type": "object",
  "properties": {
    "pattern": {"type": "string", "description": "For content a regular expression that is matched line by line, case-sensitive; (?i) in front ignores case. For files a glob such as *.rs, or a part of the name."},
    "target": {"type": "string", "enum": ["content", "files"], "description": "What to search: contents or names. Default content."},
    "path": {"type": "string", "description": "The folder or file to search in. Default the working folder."},
    "file_glob": {"type": "string", "description": "Search only files whose name matches, such as *.py or *.{ts,tsx}."},
    "limit": {"type": "integer", "description": "How many results to return, at most 500. Default 50."},
    "offset": {"type": "integer", "description": "How many results to skip. Default 0."},
    "output_mode": {"type": "string", "enum": ["content", "files_only", "count"], "description": "Matching lines, names of files with matches, or the number of matches in each file. Default content."},
    "context": {"type": "integer", "description": "Lines to show before and after each match, at most 10. Default 0."}
  },
  "required": ["pattern"]
}"#;
