import QtQuick
import controls
import strings

// One question of a form by its kind: text, choice or many. The other way to answer is kept out of
// the window: what is in it costs time whenever the form comes, seen or not.
Column {
    id: root

    required property var field  // null while no question needs this place
    readonly property bool isText: (root.field?.kind ?? "text") === "text"
    readonly property string label: root.field?.required ?? true ? root.field?.label ?? "" : Strings.format("form.optional", {
        label: root.field.label
    })

    signal put(var value)

    KField {
        width: root.width
        parent: root.field !== null && root.isText ? root : null
        label: root.label
        help: root.field?.help ?? ""
        error: root.isText ? root.field?.error ?? "" : ""
        text: root.field?.value ?? ""
        inputKind: root.field?.input_kind ?? "none"
        maximumLength: root.field?.max_length ?? 200
        onEdited: text => root.put(text)
    }
    KChoice {
        width: root.width
        parent: root.field !== null && !root.isText ? root : null
        label: root.label
        help: root.field?.help ?? ""
        error: root.isText ? "" : root.field?.error ?? ""
        many: root.field?.kind === "many"
        narrow: root.field?.narrow ?? false
        options: root.isText ? [] : root.field?.options ?? []
        chosen: root.field?.values ?? []
        onPicked: values => root.put(values)
    }
}
