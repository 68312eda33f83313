//! Event files byte for byte, resumed at every place, and as TensorBoard reads them.

use std::time::UNIX_EPOCH;

use gradus_tensor::Tensor;

use super::*;
use crate::trackers::{Histogram, Image, python};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn records_are_those_of_the_format() {
    assert_eq!(records::masked_crc(b"\x1a\x11CRC test, one two"), 0x5794_d08a);
    let header = records::framed(&message::version(at(1_700_000_000)));
    let expected = "1800000000000000a37f4b220900000040fc54d9411a0d627261696e2e4576656e743a32eced8f9d";
    assert_eq!(hex(&header), expected);
    let loss = records::framed(&message::scalar(at(1_700_000_001), 7, "loss", 0.5));
    let expected = "1a00000000000000129bd82d0900004040fc54d94110072a0d0a0b0a046c6f7373150000003f368fc084";
    assert_eq!(hex(&loss), expected);
}

#[test]
fn a_resumed_file_is_cut_to_its_position_wherever_it_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(FILE);
    let mut tracker = TensorBoardTracker::create(dir.path()).unwrap();
    tracker.log(&Record::sample(1, "loss", 1.0)).unwrap();
    let position = tracker.position().unwrap();
    tracker.log(&Record::sample(2, "loss", 2.0)).unwrap();
    drop(tracker);
    let whole = fs::read(&path).unwrap();
    let kept = &whole[..position as usize];
    let written_on = || {
        let mut tracker = TensorBoardTracker::resume(dir.path(), position)?;
        tracker.log(&Record::sample(2, "loss", 2.0))?;
        tracker.flush()
    };
    for length in position as usize..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        written_on().unwrap();
        assert!(fs::read(&path).unwrap() == whole, "killed at byte {length}");
    }
    for length in 1..position as usize {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(matches!(written_on(), Err(TrackerError::Short { .. })), "{length}");
    }
    for byte in 0..kept.len() {
        let mut bad = whole.clone();
        bad[byte] ^= 1;
        fs::write(&path, &bad).unwrap();
        let error = written_on().unwrap_err().to_string();
        assert!(error.contains("no whole record begins at byte "), "{error}");
        assert!(fs::read(&path).unwrap() == bad, "it is left as it is");
    }
    fs::remove_file(&path).unwrap();
    written_on().unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 40, "a new file, with its version");
}

#[test]
fn a_resumed_run_has_its_settings_once() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Event {
        step: 0,
        epoch: 0,
        time: at(1_700_000_000),
        content: Content::Parameters(vec![("lr".to_owned(), 0.1.into())]),
    };
    let mut tracker = TensorBoardTracker::create(dir.path()).unwrap();
    tracker.log_event(&settings).unwrap();
    let position = tracker.position().unwrap();
    let mut tracker = TensorBoardTracker::resume(dir.path(), position).unwrap();
    tracker.log_event(&settings).unwrap();
    drop(tracker);
    let bytes = fs::read(dir.path().join(FILE)).unwrap();
    let count = |needle: &[u8]| bytes.windows(needle.len()).filter(|part| *part == needle).count();
    assert_eq!((count(message::SESSION_START.as_bytes()), count(b"parameters/text_summary")), (1, 1));
}

/// Prints what TensorBoard finds in a folder.
const READER: &str = "
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'tensors': 0})
events.Reload()
for tag in sorted(events.Tags()['scalars']):
    print('scalar', tag, [(e.step, e.value, e.wall_time) for e in events.Scalars(tag)])
for e in events.Images('digit'):
    print('image', e.step, e.width, e.height, e.encoded_image_string[:4])
for e in events.Histograms('weights'):
    h = e.histogram_value
    print('histogram', e.step, h.min, h.max, h.num, h.sum, h.sum_squares, list(h.bucket_limit), list(h.bucket))
for e in events.Tensors('note/text_summary'):
    print('text', e.step, e.tensor_proto.string_val)
content = events.PluginTagToContent('hparams')
start = metadata.parse_session_start_info_plugin_data(content['_hparams_/session_start_info'])
print('start', {k: getattr(v, v.WhichOneof('kind')) for k, v in sorted(start.hparams.items())})
infos = metadata.parse_experiment_plugin_data(content['_hparams_/experiment']).hparam_infos
print('experiment', [(i.name, i.type) for i in infos])
print('end', metadata.parse_session_end_info_plugin_data(content['_hparams_/session_end_info']).status)
";

#[test]
fn tensorboard_reads_all_of_it() {
    let Some(python) = python::with("tensorboard") else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut tracker = TensorBoardTracker::create(dir.path()).unwrap();
    let event = |step, content| Event { step, epoch: 0, time: at(1_700_000_000), content };
    let name = |name: &str| name.to_owned();
    let settings = vec![(name("lr"), 0.5.into()), (name("model"), "mlp".into()), (name("nesterov"), true.into())];
    let mut log = |step, content| tracker.log_event(&event(step, content)).unwrap();
    log(0, Content::Parameters(settings));
    log(3, Content::Text(name("note"), name("it *works*")));
    log(4, Content::Image(name("digit"), Image::from_tensor(&Tensor::<f32>::zeros([1, 2, 5]))));
    log(5, Content::Histogram(name("weights"), Histogram::of([0.0, 1.0, 1.5, 2.0], 2)));
    for step in 1..=300 {
        tracker.log(&Record { time: at(1_700_000_000 + step), ..Record::sample(step, "loss", 0.5) }).unwrap();
    }
    tracker.log(&Record { time: at(1_700_000_000), ..Record::sample(1 << 40, "val_up", f64::INFINITY) }).unwrap();
    tracker.finish(End::Finished, Duration::ZERO).unwrap();

    let loss: Vec<_> = (1..=300).map(|step| format!("({step}, 0.5, {}.0)", 1_700_000_000 + step)).collect();
    let expected = format!(
        "scalar loss/train [{}]\n\
         scalar val_up [(1099511627776, inf, 1700000000.0)]\n\
         image 4 5 2 b'\\x89PNG'\n\
         histogram 5 0.0 2.0 4.0 4.5 7.25 [0.0, 1.0, 2.0] [0.0, 1.0, 3.0]\n\
         text 3 [b'it *works*']\n\
         start {{'lr': 0.5, 'model': 'mlp', 'nesterov': True}}\n\
         experiment [('lr', 3), ('model', 1), ('nesterov', 2)]\n\
         end 1\n",
        loss.join(", ")
    );
    assert_eq!(python::output(&python, READER, &[dir.path()]), expected);
}
