interface ImportMetaEnv {
  /** Address of the API, such as https://api.example.com */
  readonly VITE_API_URL?: string;
}
