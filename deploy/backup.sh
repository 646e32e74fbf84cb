#!/bin/sh
# Dumps the database and packs the files, again and again; what is older than BACKUP_KEEP_DAYS goes.
# `sh backup.sh once` makes one backup and ends. To bring one back: pg_restore --clean --if-exists --dbname innocore FILE.
set -eu
umask 077
: "${BACKUP_DIR:?where backups are kept}" "${BACKUP_EVERY_SECONDS:=86400}" "${BACKUP_KEEP_DAYS:=30}" "${MEDIA_DIR:=}"

backup() {
  name="$BACKUP_DIR/innocore-$(date -u +%Y%m%dT%H%M%SZ)"
  # Under another name until it is whole: a half written file never counts as a backup.
  pg_dump --format=custom --compress=6 --file="$name.dump.part" || return 1
  pg_restore --list "$name.dump.part" >/dev/null || return 1
  if [ -n "$MEDIA_DIR" ]; then
    tar -C "$MEDIA_DIR" -czf "$name.media.tar.gz.part" . || return 1
    mv "$name.media.tar.gz.part" "$name.media.tar.gz"
  fi
  mv "$name.dump.part" "$name.dump"
  echo "Backup made: $name.dump"
  find "$BACKUP_DIR" -name 'innocore-*' -type f -mtime "+$BACKUP_KEEP_DAYS" -delete
}

if [ "${1:-}" = once ]; then
  backup
  exit
fi
trap 'exit 0' TERM INT
while :; do
  backup || echo "THE BACKUP FAILED; it is tried again in ten minutes." >&2
  pause=$BACKUP_EVERY_SECONDS
  find "$BACKUP_DIR" -name '*.part' -type f | grep -q . && pause=600
  find "$BACKUP_DIR" -name '*.part' -type f -delete
  sleep "$pause" &
  wait $!
done
