//! `cargo xtask train images` on a folder that is made here: it learns, says what it confuses, and predicts.

mod train_program;

use std::fs::{self, File};
use std::path::Path;

use train_program::{folder, names, refuse, succeed, text, train};

/// A PNG image of 10 x 12 pixels around one colour, no two alike.
fn write_image(path: &Path, colour: [u8; 3], seed: usize) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), 12, 10);
    encoder.set_color(png::ColorType::Rgb);
    let noise = |i: usize| ((i * 7 + seed * 31) % 40) as u8;
    let pixels: Vec<u8> = (0..360).map(|i| colour[i % 3] + noise(i)).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

const COLOURS: [(&str, [u8; 3]); 2] = [("blue", [10, 30, 200]), ("red", [200, 40, 20])];

fn write_classes(folder: &Path) {
    for (class, colour) in COLOURS {
        (0..20).for_each(|i| write_image(&folder.join("pets").join(class).join(format!("{i:02}.png")), colour, i));
    }
}

#[test]
fn images_are_learned_and_predicted() {
    let folder = folder();
    write_classes(folder.path());
    let stdout = succeed(folder.path(), "images --data pets --size 8 --epochs 12 --batch-size 8 --run-dir run");
    assert!(stdout.contains("images: 32 samples to train on, 8 to validate on; resnet20"), "{stdout}");
    assert!(stdout.contains("validation accuracy 100.00 %"), "{stdout}");
    assert!(
        stdout.ends_with("       class  taken for\n        blue      4     0\n         red      0     4\n"),
        "{stdout}"
    );
    let run = folder.path().join("run");
    let want =
        "checkpoints classes.json config.toml confusion.csv metrics.csv metrics.jsonl model.safetensors summary.json";
    assert_eq!(names(&run).join(" "), want);
    assert_eq!(fs::read_to_string(run.join("confusion.csv")).unwrap(), "class,blue,red\nblue,4,0\nred,0,4\n");

    write_image(&folder.path().join("new/b.png"), COLOURS[1].1, 77);
    write_image(&folder.path().join("new/deep/a, 1.png"), COLOURS[0].1, 78);
    let stdout = succeed(folder.path(), "images --predict new --run run");
    assert_eq!(stdout, "2 predictions are in run/predictions.csv\n");
    let table = fs::read_to_string(run.join("predictions.csv")).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0], "file,class,probability");
    assert!(lines[1].starts_with("b.png,red,0.") || lines[1].starts_with("b.png,red,1."), "{table}");
    assert!(lines[2].starts_with("\"deep/a, 1.png\",blue,"), "{table}");
    succeed(folder.path(), "images --predict new/b.png --run run");
    let table = fs::read_to_string(run.join("predictions.csv")).unwrap();
    assert!(table.starts_with("file,class,probability\nnew/b.png,red,"), "{table}");
}

#[test]
fn the_same_seed_gives_the_same_bits_and_augmentation_can_be_left_out() {
    let folder = folder();
    write_classes(folder.path());
    let model = |name: &str, arguments: &str| {
        succeed(folder.path(), &format!("images --data pets --size 8 --epochs 1 --quiet --run-dir {name} {arguments}"));
        fs::read(folder.path().join(name).join("model.safetensors")).unwrap()
    };
    let first = model("a", "--threads 1");
    assert_eq!(model("b", "--threads 2"), first);
    assert_ne!(model("c", "--no-augment"), first);
}

#[test]
fn mistakes_are_answered_with_a_cure() {
    let folder = folder();
    write_classes(folder.path());
    refuse(folder.path(), "images", 2, &["--data"]);
    refuse(folder.path(), "images --data pets --size 3", 2, &["--size", "each from 4 to 4096"]);
    refuse(folder.path(), "images --predict pets", 2, &["--run"]);
    refuse(folder.path(), "images --data nowhere", 1, &["nowhere: cannot be listed"]);
    refuse(folder.path(), "images --data pets/red", 1, &["pets/red: holds no folders"]);
    write_image(&folder.path().join("pets/one/0.png"), [0; 3], 0);
    refuse(folder.path(), "images --data pets", 1, &["class one has 1 image"]);
    fs::write(folder.path().join("pets/one/1.png"), b"no image").unwrap();
    // Images are read when they are needed, which may be after the run has begun.
    let output = train(folder.path(), "images --data pets --epochs 1");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("pets/one/1.png: is neither a PNG nor a JPEG image"));
}
