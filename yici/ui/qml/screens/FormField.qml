import QtQuick
import controls
import strings

// One question of a form by its kind: text, choice or many.
Column {
    id: root

    required property var field
    readonly property bool isText: (root.field?.kind ?? "text") === "text"
    readonly property string label: root.field?.required ?? true ? root.field?.label ?? "" : Strings.format("form.optional", {
        label: root.field.label
    })

    signal put(var value)

    KField {
        width: parent.width
        visible: root.isText
        label: root.label
        help: root.field?.help ?? ""
        error: root.isText ? root.field?.error ?? "" : ""
        text: root.field?.value ?? ""
        inputKind: root.field?.input_kind ?? "none"
        maximumLength: root.field?.max_length ?? 200
        onEdited: text => root.put(text)
    }
    KChoice {
        width: parent.width
        visible: !root.isText
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
