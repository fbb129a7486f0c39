pragma ComponentBehavior: Bound
import QtQuick
import input_method

// A page of candidates over the place of the keys.
Item {
    id: root

    required property InputMethod method
    required property real lineHeight
    required property real gap
    readonly property int lineCount: Math.max(2, Math.floor((height + root.gap) / (root.lineHeight + root.gap)))

    Column {
        spacing: root.gap

        Repeater {
            model: root.method.expanded ? root.method.lines : []

            CandidateLine {
                required property var modelData

                method: root.method
                entries: modelData
                lineHeight: root.lineHeight
                spacing: root.gap
            }
        }
    }
}
