import QtQuick
import controls

// One question of a form by its kind: text, choice or many. The other way to answer is kept out of
// the window: what is in it costs time whenever the form comes, seen or not.
Column {
    id: root

    required property var field  // null while no question needs this place
    readonly property bool isText: root.field?.kind === "text"
    // many answers have a place of their own in the form
    readonly property bool isShort: root.field !== null && !root.isText && !root.field.narrow

    signal put(var value)

    KField {
        width: root.width
        parent: root.isText ? root : null
        label: root.field?.label ?? ""
        help: root.field?.help ?? ""
        error: root.isText ? root.field?.error ?? "" : ""
        text: root.field?.value ?? ""
        inputKind: root.field?.input_kind ?? "none"
        maximumLength: root.field?.max_length ?? 200
        onEdited: text => root.put(text)
    }
    FormChoice {
        width: root.width
        parent: root.isShort ? root : null
        field: root.isShort ? root.field : null
        onPut: value => root.put(value)
    }
}
