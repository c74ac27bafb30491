//! The check of a device, on the one device that is always there.

use siamese_model::{Device, check_device};

#[test]
fn the_cpu_computes_what_the_cpu_computes_in_every_case() {
    let folder = tempfile::tempdir().unwrap();
    let mut told = 0;
    let cases = check_device(Device::Cpu, folder.path(), |_| told += 1).unwrap();
    assert_eq!(told, cases.len());
    for case in &cases {
        let differences = [
            case.first_loss,
            case.later_loss,
            case.resumed_loss,
            case.embedding,
        ];
        assert_eq!(differences, [0.0; 4], "{case:?}");
        assert!(case.holds());
    }
}
