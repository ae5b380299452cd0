PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE activities (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    details TEXT NOT NULL
);
INSERT INTO "activities" VALUES(6,'started','SD_DISK','20261128_204542_7311_B8A44F0A1B2C','["2026-11-28T19:45:42.221992+00:00",null,3600.0,"recording","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "activities" VALUES(7,'removed','SD_DISK','20261128_194458_1027_B8A44F0A1B2C','["2026-11-28T18:44:58.323456+00:00","2026-11-28T18:45:07.323456+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
CREATE TABLE clocks (time TEXT NOT NULL, camera_time TEXT NOT NULL);
INSERT INTO "clocks" VALUES('2026-11-28T19:45:09.043171+00:00','2026-11-28T19:45:09.000000+00:00');
CREATE TABLE disks (
    disk_id TEXT PRIMARY KEY,
    is_present INTEGER NOT NULL,
    is_complete INTEGER NOT NULL,
    time TEXT NOT NULL,
    camera_time TEXT NOT NULL
);
INSERT INTO "disks" VALUES('SD_DISK',1,1,'2026-11-28T19:45:43.787288+00:00','2026-11-28T19:45:43.000000+00:00');
INSERT INTO "disks" VALUES('NetworkShare',1,1,'2026-11-28T19:45:43.787288+00:00','2026-11-28T19:45:43.000000+00:00');
CREATE TABLE former (
    number INTEGER PRIMARY KEY,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    UNIQUE (disk_id, recording_id)
);
INSERT INTO "former" VALUES(1,'NetworkShare','20261128_200458_414C_B8A44F0A1B2C');
INSERT INTO "former" VALUES(2,'SD_DISK','20261128_194458_1027_B8A44F0A1B2C');
CREATE TABLE looks (time TEXT NOT NULL, camera_time TEXT NOT NULL);
INSERT INTO "looks" VALUES('2026-11-28T19:45:43.787288+00:00','2026-11-28T19:45:43.000000+00:00');
CREATE TABLE lost (disk_id TEXT NOT NULL, recording_id TEXT NOT NULL);
CREATE TABLE moments (
    kind TEXT NOT NULL,
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    time TEXT NOT NULL
);
INSERT INTO "moments" VALUES('seen','NetworkShare','20261128_204516_1E2F_B8A44F0A1B2C','2026-11-28T19:45:43.695879+00:00');
INSERT INTO "moments" VALUES('seen','SD_DISK','20261128_204516_7ED4_B8A44F0A1B2C','2026-11-28T19:45:43.695879+00:00');
INSERT INTO "moments" VALUES('seen','SD_DISK','20261128_204542_7311_B8A44F0A1B2C','2026-11-28T19:45:43.695879+00:00');
CREATE TABLE recordings (
    disk_id TEXT NOT NULL,
    recording_id TEXT NOT NULL,
    start TEXT,
    stage TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (disk_id, recording_id)
) WITHOUT ROWID;
INSERT INTO "recordings" VALUES('NetworkShare','20261128_204516_1E2F_B8A44F0A1B2C','2026-11-28T19:45:16.861844+00:00','ongoing','["2026-11-28T19:45:16.861844+00:00",null,3600.0,"recording","continuous","continuous","continuous","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261127_184458_C386_B8A44F0A1B2C','2026-11-27T17:44:58.323456+00:00','ended','["2026-11-27T17:44:58.323456+00:00","2026-11-27T17:56:58.323456+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_204516_7ED4_B8A44F0A1B2C','2026-11-28T19:45:16.946469+00:00','ongoing','["2026-11-28T19:45:16.946469+00:00",null,3600.0,"recording","continuous","continuous","continuous","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_204516_C2CE_B8A44F0A1B2C','2026-11-28T19:45:16.970513+00:00','ended','["2026-11-28T19:45:16.970513+00:00","2026-11-28T19:45:27.062145+00:00",3600.0,"completed","triggered","Motion Recording","Record video while the rule is active","1",false]');
INSERT INTO "recordings" VALUES('SD_DISK','20261128_204542_7311_B8A44F0A1B2C','2026-11-28T19:45:42.221992+00:00','ongoing','["2026-11-28T19:45:42.221992+00:00",null,3600.0,"recording","triggered","Motion Recording","Record video while the rule is active","1",false]');
CREATE TABLE times (kind TEXT PRIMARY KEY, time TEXT NOT NULL);
INSERT INTO "times" VALUES('looked','2026-11-28T19:45:43.835226+00:00');
INSERT INTO "times" VALUES('walked','2026-11-28T19:45:43.787288+00:00');
INSERT INTO "times" VALUES('epoch of 4b7c65f3-0cd2-43d0-a41c-befb3f381b19','2026-11-28T14:25:19.849631+00:00');
CREATE INDEX unsettled ON recordings (stage) WHERE stage != 'ended';
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('activities',7);
COMMIT;
