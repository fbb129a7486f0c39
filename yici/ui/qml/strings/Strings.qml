pragma Singleton
import QtQml

// What residents read, by id; the table of the chosen language comes from yici/ui/strings/.
// Every binding on text() or format() follows when the language changes.
QtObject {
    property var table: ({})
    property string language: "zh_CN"

    function text(id: string): string {
        const found = table[id];
        if (found === undefined) {
            console.warn("no such string:", id);
            return "";
        }
        return found;
    }

    // values: { name: value } for the {name} placeholders of the text
    function format(id: string, values: var): string {
        return text(id).replace(/\{(\w+)\}/g, (whole, name) => {
            if (values[name] === undefined) {
                console.warn("no value for", whole, "in", id);
                return "";
            }
            return String(values[name]);
        });
    }
}
