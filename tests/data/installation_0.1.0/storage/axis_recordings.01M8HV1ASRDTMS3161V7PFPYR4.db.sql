PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE activities (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    details TEXT NOT NULL
);
INSERT INTO "activities" VALUES(3,'started','SD_DISK','20261128_204542_795B_00408C112233','["2026-11-28T19:45:42.222449+00:00","2026-11-28T19:45:42.222690+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "activities" VALUES(4,'finished','SD_DISK','20261128_204542_795B_00408C112233','["2026-11-28T19:45:42.222449+00:00","2026-11-28T19:45:42.222690+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
CREATE TABLE clocks (time TEXT NOT NULL, camera_time TEXT NOT NULL);
INSERT INTO "clocks" VALUES('2026-11-28T19:45:10.569274+00:00','2026-11-28T19:45:10.000000+00:00');
CREATE TABLE disks (
    disk_id TEXT PRIMARY KEY,
    is_present INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    time TEXT NOT NULL,
    camera_time TEXT NOT NULL
);
INSERT INTO "disks" VALUES('SD_DISK',1,1,'2026-11-28T19:45:43.824157+00:00','2026-11-28T19:45:43.000000+00:00');
CREATE TABLE former (
    number INTEGER PRIMARY KEY,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    UNIQUE (disk_id, recording_id)
);
CREATE TABLE looks (time TEXT NOT NULL, camera_time TEXT NOT NULL);
INSERT INTO "looks" VALUES('2026-11-28T19:45:43.824157+00:00','2026-11-28T19:45:43.000000+00:00');
CREATE TABLE lost (disk_id TEXT NOT NULL, recording_id TEXT NOT NULL);
CREATE TABLE moments (
    kind TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    time TEXT NOT NULL
);
CREATE TABLE recordings (
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    start TEXT,
    stage TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (disk_id, recording_id)
) WITHOUT ROWID;
INSERT INTO "recordings" VALUES('SD_DISK','20261127_184458_5EB5_00408C112233','2026-11-27T17:44:58.326876+00:00','ended','["2026-11-27T17:44:58.326876+00:00","2026-11-27T17:56:58.326876+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_194458_EA7B_00408C112233','2026-11-28T18:44:58.326876+00:00','ended','["2026-11-28T18:44:58.326876+00:00","2026-11-28T18:45:07.326876+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_204516_9A9A_00408C112233','2026-11-28T19:45:16.971494+00:00','ended','["2026-11-28T19:45:16.971494+00:00","2026-11-28T19:45:27.062424+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_204542_795B_00408C112233','2026-11-28T19:45:42.222449+00:00','ended','["2026-11-28T19:45:42.222449+00:00","2026-11-28T19:45:42.222690+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
CREATE TABLE times (kind TEXT PRIMARY KEY, time TEXT NOT NULL);
INSERT INTO "times" VALUES('looked','2026-11-28T19:45:43.831365+00:00');
INSERT INTO "times" VALUES('walked','2026-11-28T19:45:43.824157+00:00');
INSERT INTO "times" VALUES('epoch of 4b7c65f3-0cd2-43d0-a41c-befb3f381b19','2026-11-28T14:25:19.849630+00:00');
CREATE INDEX unsettled ON recordings (stage) WHERE stage != 'ended';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('activities',4);
COMMIT;
