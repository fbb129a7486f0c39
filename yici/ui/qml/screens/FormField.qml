import QtQuick
import controls
import strings

// One question of a form by its kind: text, choice or many.
Column {
    id: root

    required property var field
    readonly property string label: root.field.required ? root.field.label : Strings.format("form.optional", {
        label: root.field.label
    })

    signal put(var value)

    KField {
        width: parent.width
        visible: root.field.kind === "text"
        label: root.label
        help: root.field.help
        error: visible ? root.field.error : ""
        text: root.field.value
        inputKind: root.field.input_kind
        maximumLength: root.field.max_length
        onEdited: text => root.put(text)
    }
    KChoice {
        width: parent.width
        visible: root.field.kind !== "text"
        label: root.label
        help: root.field.help
        error: visible ? root.field.error : ""
        many: root.field.kind === "many"
        narrow: root.field.narrow
        options: visible ? root.field.options : []
        chosen: root.field.values
        onPicked: values => root.put(values)
    }
}
