//! Files that appear whole or not at all: what becomes of modes, links, special files and what a killed process left.

use std::fs::{self, File};

use siamese_net::{clear_unfinished, write_atomically};
use tempfile::TempDir;

fn names(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_process_left_is_cleared_and_what_is_being_written_stays() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in [
        ".siamese-a1B2c3",
        ".siamese-writes",
        ".siamese-notes.txt",
        "kept.csv",
    ] {
        fs::write(at(name), "half of a").unwrap();
    }
    let writer = File::open(at(".siamese-writes")).unwrap();
    writer.lock().unwrap();
    clear_unfinished(folder.path());
    assert_eq!(
        names(&folder),
        [".siamese-notes.txt", ".siamese-writes", "kept.csv"]
    );
    drop(writer);
    clear_unfinished(folder.path());
    assert_eq!(names(&folder), [".siamese-notes.txt", "kept.csv"]);
    clear_unfinished(&at("missing"));
}

#[test]
fn nothing_is_lost_while_others_clear_the_folder() {
    let folder = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        let clears = scope.spawn(|| (0..300).for_each(|_| clear_unfinished(folder.path())));
        for number in 0_u8..100 {
            write_atomically(&folder.path().join("file"), &[number; 100]).unwrap();
        }
        clears.join().unwrap();
    });
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), [99; 100]);
    assert_eq!(names(&folder), ["file"]);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
    use std::path::Path;
    use std::process::Command;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_as_open_as_the_umask_says() {
        let folder = TempDir::new().unwrap();
        let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
        write_atomically(&ours, b"a").unwrap();
        fs::write(&other, "a").unwrap();
        assert_eq!(mode(&ours), mode(&other));
    }

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        for wanted in [0o600, 0o664, 0o444] {
            fs::write(&path, "before").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            write_atomically(&path, b"after").unwrap();
            assert_eq!(
                (fs::read(&path).unwrap(), mode(&path)),
                (b"after".to_vec(), wanted)
            );
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_link_is_followed() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("disk")).unwrap();
        for (link, target) in [("link", "disk/there"), ("to-be", "disk/not-yet")] {
            symlink(target, at(link)).unwrap();
        }
        fs::write(at("disk/there"), "before").unwrap();
        for name in ["link", "to-be"] {
            write_atomically(&at(name), b"after").unwrap();
            assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink());
            assert_eq!(fs::read(at(name)).unwrap(), b"after");
        }
    }

    #[test]
    fn a_pipe_and_a_device_are_written_to() {
        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let read = std::thread::scope(|scope| {
            let reader = scope.spawn(|| fs::read(&pipe).unwrap());
            write_atomically(&pipe, b"through").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(read, b"through");
        assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
        write_atomically(Path::new("/dev/null"), b"away").unwrap();
        let null = fs::symlink_metadata("/dev/null").unwrap();
        assert!(null.file_type().is_char_device());
    }
}
