import QtQuick

// A Repeater that never takes a delegate away: building one is what a touch would wait for.
// A delegate shows itself by `visible: index < pool.wanted` and reads nothing beyond that.
Repeater {
    id: root

    property int wanted: 0

    onWantedChanged: {
        while (places.count < root.wanted)
            places.append({
                place: places.count
            });
    }

    model: ListModel {
        id: places
    }
}
