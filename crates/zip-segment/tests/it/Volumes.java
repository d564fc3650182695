import java.io.File;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.Collections;
import java.util.zip.CRC32;

import net.lingala.zip4j.model.FileHeader;
import net.lingala.zip4j.model.ZipParameters;
import net.lingala.zip4j.model.enums.CompressionMethod;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipSplitReadOnlySeekableByteChannel;

/** Reads and writes split archives with zip4j and commons-compress. */
public class Volumes {
    public static void main(String[] args) throws Exception {
        File archive = new File(args[1]);
        switch (args[0]) {
            case "zip4j-read": {
                net.lingala.zip4j.ZipFile zip = new net.lingala.zip4j.ZipFile(archive);
                for (FileHeader header : zip.getFileHeaders()) {
                    try (InputStream in = zip.getInputStream(header)) {
                        print(header.getFileName(), in);
                    }
                }
                break;
            }
            case "commons-read": {
                SeekableByteChannel channel =
                    ZipSplitReadOnlySeekableByteChannel.buildFromLastSplitSegment(archive);
                try (ZipFile zip = new ZipFile(channel)) {
                    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
                        try (InputStream in = zip.getInputStream(entry)) {
                            print(entry.getName(), in);
                        }
                    }
                }
                break;
            }
            case "zip4j-write": {
                net.lingala.zip4j.ZipFile zip = new net.lingala.zip4j.ZipFile(archive);
                ZipParameters parameters = new ZipParameters();
                parameters.setCompressionMethod(CompressionMethod.STORE);
                java.util.List<File> files = new java.util.ArrayList<>();
                for (int at = 3; at < args.length; at++) {
                    files.add(new File(args[at]));
                }
                zip.createSplitZipFile(files, parameters, true, Long.parseLong(args[2]));
                break;
            }
            case "commons-write": {
                try (ZipArchiveOutputStream out =
                        new ZipArchiveOutputStream(archive, Long.parseLong(args[2]))) {
                    out.setMethod(ZipArchiveOutputStream.DEFLATED);
                    out.setLevel(0);
                    for (int at = 3; at < args.length; at++) {
                        File file = new File(args[at]);
                        out.putArchiveEntry(new ZipArchiveEntry(file, file.getName()));
                        java.nio.file.Files.copy(file.toPath(), out);
                        out.closeArchiveEntry();
                    }
                }
                break;
            }
            default:
                throw new IllegalArgumentException(args[0]);
        }
    }

    /** Size, CRC-32 and name, in a line. */
    private static void print(String name, InputStream in) throws Exception {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[65536];
        long size = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            crc.update(buffer, 0, read);
            size += read;
        }
        System.out.println(size + " " + Long.toHexString(crc.getValue()) + " " + name);
    }
}
