#!/bin/busybox sh
# The guest's first program: reach the host's files, read-only, and go on inside them.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev

give_up() { echo "guest: $1"; poweroff -f; }

for module in /modules/*.ko; do insmod "$module" || give_up "insmod $module failed"; done
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host \
    || give_up "the host's files can't be mounted"

checkout=$(sed -n 's/.*yici.checkout=\([^ ]*\).*/\1/p' /proc/cmdline)
# a checkout below a directory that is covered now would disappear
mount --bind "/host$checkout" /keep || give_up "$checkout is not there"
for place in tmp run var/tmp; do mount -t tmpfs tmpfs "/host/$place"; done
case "$checkout" in
    /tmp/* | /run/*) mkdir -p "/host$checkout"; mount --bind /keep "/host$checkout" ;;
esac
for place in dev proc sys; do mount --move "/$place" "/host/$place"; done
mkdir -p /host/dev/pts /host/dev/shm /host/run/lock
mount -t devpts devpts /host/dev/pts
mount -t tmpfs tmpfs /host/dev/shm
ip link set lo up
# the group that our udev rules give the devices to
cp /host/etc/group /host/tmp/group && echo 'yici:x:4711:' >>/host/tmp/group
mount --bind /host/tmp/group /host/etc/group

cd /
chroot /host /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$checkout/tests/hardware" SYSTEMD_IGNORE_CHROOT=1 \
    "$checkout/.venv/bin/python" "$checkout/tests/hardware/guest/main.py" </host/dev/null
echo "guest: ended with $?"
poweroff -f
