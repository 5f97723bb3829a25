/** Written in by the build: every file of the shell with its SHA-256, base64 as in an integrity attribute. */
declare const SHELL_FILES: ReadonlyArray<{ url: string; sha256: string }>;

/** Written in by the build: changes whenever one byte of the shell does. */
declare const SHELL_VERSION: string;
