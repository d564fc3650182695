import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Collections;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

/** Prints name, size and CRC-32 of what is read: by the directory, or from standard input forwards. */
public class Read {
    private static void read(String name, InputStream in) throws Exception {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        for (int n; (n = in.read(buffer)) > 0; size += n) {
            crc.update(buffer, 0, n);
        }
        System.out.println(name + "\t" + size + "\t" + crc.getValue());
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            try (ZipFile zip = new ZipFile(args[0])) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    read(entry.getName(), zip.getInputStream(entry));
                }
            }
            return;
        }
        ZipInputStream zip = new ZipInputStream(new BufferedInputStream(System.in, 1 << 16));
        for (ZipEntry entry; (entry = zip.getNextEntry()) != null; ) {
            read(entry.getName(), zip);
        }
    }
}
