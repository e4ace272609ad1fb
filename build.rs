#![allow(clippy::expect_used, reason = "a build script can only stop the build")]
//! Lists the data files of the demo archive, so that adding one needs no change of code; and makes a changed migration
//! rebuild what embeds it.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=demo");
    println!("cargo:rerun-if-changed=migrations");
    let root = env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
    let out = env::var("OUT_DIR").expect("set by cargo");
    let folder = Path::new(&root).join("demo");
    let mut files: Vec<String> = fs::read_dir(&folder)
        .expect("the folder demo")
        .map(|entry| entry.expect("a file of the demo").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.sort();
    let rows: String =
        files.iter().map(|name| format!("    ({name:?}, include_str!({:?})),\n", folder.join(name))).collect();
    let code = format!(
        "/// Name and text of every data file, in the order they are loaded.\nconst DEMO_FILES: &[(&str, &str)] = &[\n{rows}];\n"
    );
    fs::write(Path::new(&out).join("demo_files.rs"), code).expect("write the list of demo files");
}
