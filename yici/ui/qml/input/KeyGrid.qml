pragma ComponentBehavior: Bound
import QtQuick
import input_method
import strings
import theme

// The keys of the method's layout, row by row, centred. Layouts are built once and kept; those that
// aren't shown are out of the window (see KeptScreens).
Item {
    id: root

    required property InputMethod method
    required property real keyHeight
    required property real gap
    property real widestKey: Theme.mm(40)
    property KeySheet shown: null
    readonly property int rowCount: root.shown?.keyRows.length ?? 0
    readonly property real columns: root.shown?.columns ?? 1
    // read once here: every key that is kept would ask again, whatever changes
    readonly property string mode: root.method.mode
    readonly property bool upper: root.mode === "chinese" || root.mode === "latin_upper"
    readonly property string layout: root.method.layout

    implicitHeight: root.shown?.implicitHeight ?? 0
    onLayoutChanged: root.show()
    Component.onCompleted: root.show()

    QtObject {
        id: inner

        property var kept: ({})
    }

    function show(): void {
        if (root.method.kind === "none")
            return; // nothing is seen; the same keys may well come back
        const next = root.keep(root.layout, root.method.rows, root.method.columns);
        if (next === root.shown)
            return;
        if (root.shown !== null)
            root.shown.parent = null;
        next.parent = root;
        root.shown = next;
    }

    function keep(name: string, rows: var, columns: real): KeySheet {
        if (inner.kept[name] === undefined) {
            const keys = sheet.createObject(root, {
                keyRows: rows,
                columns: columns
            }) as KeySheet;
            keys.parent = null;
            inner.kept[name] = keys;
        }
        return inner.kept[name];
    }

    function prepare(index: int): void {
        const layout = root.method.layouts()[index];
        root.keep(layout.name, layout.rows, layout.columns);
    }

    // keys that aren't shown keep their height
    Binding {
        target: root.shown
        property: "keyHeight"
        value: root.keyHeight
        restoreMode: Binding.RestoreNone
    }

    component KeySheet: Column {
        required property var keyRows
        required property real columns
        property real keyHeight
    }

    Component {
        id: sheet

        KeySheet {
            id: rows

            readonly property real unit: Math.floor(Math.min(root.widestKey, (root.width - (rows.columns - 1) * root.gap) / rows.columns))

            anchors.horizontalCenter: parent?.horizontalCenter
            spacing: root.gap

            Repeater {
                model: rows.keyRows

                Row {
                    id: line

                    required property var modelData

                    anchors.horizontalCenter: parent?.horizontalCenter
                    spacing: root.gap

                    Repeater {
                        model: line.modelData

                        KeyCap {
                            id: key

                            required property var modelData
                            readonly property string does: modelData.action
                            // nothing else tells people where ü is
                            readonly property string letter: modelData.text === "v" && root.mode === "chinese" ? "V Ü" : root.upper ? modelData.text.toUpperCase() : modelData.text
                            // what changes the keys waits for the release: its own key goes with them
                            readonly property bool atTouch: key.does === "type" || key.does === "backspace" || key.does === "space"

                            objectName: "key_" + does + "_" + modelData.text
                            text: modelData.stringId === "" ? letter : Strings.text(modelData.stringId)
                            width: Math.round(modelData.units * rows.unit + (modelData.units - 1) * root.gap)
                            height: rows.keyHeight
                            main: does === "enter"
                            quiet: does !== "type" && does !== "space" && does !== "enter" || modelData.stringId === "keyboard.separator"
                            repeats: does === "backspace"
                            chosen: does === "shift" && root.mode === "latin_upper"
                            fontPx: modelData.stringId !== "" ? Theme.bodyPx : rows.columns > 4 ? Theme.headingPx : Math.round(Theme.headingPx * 1.3)
                            onStruck: {
                                if (key.atTouch)
                                    root.method.press(key.does, key.modelData.text);
                            }
                            onClicked: {
                                if (!key.atTouch)
                                    root.method.press(key.does, key.modelData.text);
                            }
                        }
                    }
                }
            }
        }
    }
}
