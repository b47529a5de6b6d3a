// The least that an upload can take: every file of a folder is put into a bucket, by the standard library alone.
// Usage: put FOLDER BUCKET, with AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const workers = 50

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}

func mac(key []byte, text string) []byte {
	hash := hmac.New(sha256.New, key)
	hash.Write([]byte(text))
	return hash.Sum(nil)
}

// AWS Signature Version 4 of a PutObject; names of files must need no escapes.
func sign(request *http.Request, payload string) {
	now, region := time.Now().UTC(), os.Getenv("AWS_REGION")
	day, stamp := now.Format("20060102"), now.Format("20060102T150405Z")
	request.Header.Set("x-amz-date", stamp)
	request.Header.Set("x-amz-content-sha256", payload)
	const names = "host;x-amz-content-sha256;x-amz-date"
	headers := fmt.Sprintf("host:%s\nx-amz-content-sha256:%s\nx-amz-date:%s\n", request.URL.Host, payload, stamp)
	canonical := sha256.Sum256([]byte(strings.Join([]string{"PUT", request.URL.Path, "", headers, names, payload}, "\n")))
	scope := strings.Join([]string{day, region, "s3", "aws4_request"}, "/")
	key := []byte("AWS4" + os.Getenv("AWS_SECRET_ACCESS_KEY"))
	for _, part := range []string{day, region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	signature := hex.EncodeToString(mac(key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hex.EncodeToString(canonical[:])))
	request.Header.Set("authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		os.Getenv("AWS_ACCESS_KEY_ID"), scope, names, signature))
}

func put(folder, bucket, path string) error {
	file, err := os.Open(filepath.Join(folder, path))
	if err != nil {
		return err
	}
	defer file.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return err
	}
	if _, err = file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	request, err := http.NewRequest("PUT", os.Getenv("AWS_ENDPOINT_URL_S3")+"/"+bucket+"/"+filepath.ToSlash(path), file)
	if err != nil {
		return err
	}
	request.ContentLength = size
	sign(request, hex.EncodeToString(hash.Sum(nil)))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s %s", path, response.Status, said)
	}
	return err
}

func main() {
	folder, bucket := os.Args[1], os.Args[2]
	paths := make(chan string)
	var running sync.WaitGroup
	for range workers {
		running.Add(1)
		go func() {
			defer running.Done()
			for path := range paths {
				if err := put(folder, bucket, path); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			paths <- path
		}
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	close(paths)
	running.Wait()
}
