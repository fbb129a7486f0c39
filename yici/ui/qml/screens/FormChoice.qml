import controls

// A question of a form with fixed answers. While it isn't asked its answers stay written.
KChoice {
    id: root

    required property var field  // null while it isn't asked
    property var written: ({})

    signal put(var value)

    onFieldChanged: {
        if (root.field !== null)
            root.written = root.field;
    }

    label: root.written.label ?? ""
    help: root.written.help ?? ""
    error: root.field?.error ?? ""
    many: root.written.kind === "many"
    narrow: root.written.narrow ?? false
    options: root.written.options ?? []
    chosen: root.field?.values ?? []
    onPicked: values => root.put(values)
}
