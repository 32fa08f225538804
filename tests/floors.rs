//! The floors: a folder uses the folders below it, never one above it or another on its own floor, and no file uses,
//! by whatever way around, a file that uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const FLOORS: [(&str, usize); 10] = [
    ("blob", 0),
    ("error", 0),
    ("span", 0),
    ("input", 0),
    ("key", 0),
    ("text", 1),
    ("learn", 1),
    ("actor", 2),
    ("stance", 3),
    ("report", 4),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Every `crate::a::b` that the code names, groups in braces taken apart.
fn crate_paths(source: &str) -> Vec<Vec<String>> {
    let code: String = source
        .split("#[cfg(test)]\nmod tests")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line} "))
        .collect();
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let path: String = code[at + 7..].chars().take_while(|c| c.is_alphanumeric() || "_:".contains(*c)).collect();
        let mut parts: Vec<String> = path.split("::").map(str::to_owned).collect();
        if parts.last().is_some_and(String::is_empty) {
            parts.pop();
            let group = code[at + 7 + path.len()..].strip_prefix('{').and_then(|rest| rest.split('}').next());
            for item in group.unwrap_or("").split(',').map(str::trim).filter(|item| !item.is_empty()) {
                let mut whole = parts.clone();
                whole.extend(item.split("::").map(str::to_owned));
                paths.push(whole);
            }
            continue;
        }
        paths.push(parts);
    }
    paths
}

/// The module of a file below src: `stance/model`, `error`.
fn module(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    inside.to_string_lossy().replace('\\', "/").trim_end_matches("/mod").to_owned()
}

fn faults(root: &Path) -> Vec<String> {
    let files = sources(root);
    let modules: BTreeSet<String> = files.iter().map(|file| module(root, file)).collect();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for file in &files {
        let own = module(root, file);
        if own == "lib" {
            continue;
        }
        let own_folder = own.split('/').next().unwrap().to_owned();
        let Some(own_floor) = floor(&own_folder) else {
            faults.push(format!("src/{own}.rs stands on no floor"));
            continue;
        };
        for path in crate_paths(&fs::read_to_string(file).unwrap()) {
            let folder = &path[0];
            // What the root hands on (`crate::Error`) is named by its own file inside the crate.
            let Some(used) = floor(folder) else {
                faults.push(format!("src/{own}.rs uses crate::{} by way of lib.rs", path.join("::")));
                continue;
            };
            let allowed = *folder == own_folder || used < own_floor || (used == 0 && own_floor == 0);
            if !allowed {
                faults.push(format!("src/{own}.rs (floor {own_floor}) uses crate::{} (floor {used})", path.join("::")));
            }
            let file = path.get(1).map(|file| format!("{folder}/{file}")).filter(|file| modules.contains(file));
            let target = file.unwrap_or_else(|| folder.clone());
            if target != own && (target.contains('/') || !own.contains('/')) {
                edges.entry(own.clone()).or_default().insert(target);
            } else if target == own_folder && own.contains('/') {
                faults.push(format!("src/{own}.rs uses crate::{} by way of its folder's mod.rs", path.join("::")));
            }
        }
    }
    faults
        .extend(modules.iter().filter(|m| reaches(&edges, m, m)).map(|m| format!("src/{m}.rs is in a circle of uses")));
    faults
}

fn reaches(edges: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in edges.get(at).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    false
}

#[test]
fn uses_lead_downwards() {
    let faults = faults(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn forbidden_uses_are_named() {
    let cases = [
        ("text/token.rs", "use crate::actor::Mention;", "src/text/token.rs (floor 1) uses crate::actor::Mention"),
        ("text/token.rs", "use crate::learn::{Csr, Tfidf};", "src/text/token.rs (floor 1) uses crate::learn::Csr"),
        ("key.rs", "fn f() { crate::text::tokenize(\"\"); }", "src/key.rs (floor 0) uses crate::text::tokenize"),
        ("actor/mention.rs", "use crate::Error;", "src/actor/mention.rs uses crate::Error by way of lib.rs"),
        ("report.rs", "", ""),
        ("stance/a.rs", "use crate::stance::b::B;", "src/stance/a.rs is in a circle of uses"),
        ("utils/mod.rs", "", "src/utils.rs stands on no floor"),
    ];
    for (file, source, fault) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, source).unwrap();
        if file == "stance/a.rs" {
            fs::write(folder.path().join("stance/b.rs"), "use crate::stance::a::A;").unwrap();
        }
        let found = faults(folder.path());
        match fault {
            "" => assert!(found.is_empty(), "{file}: {found:?}"),
            fault => assert!(found.iter().any(|f| f.starts_with(fault)), "{file}: {found:?}"),
        }
    }
}
